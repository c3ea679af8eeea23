# make -j2 with gcc of the root: a static and a shared library, a program of several files, its tests.
export COMPILER_PATH=/usr/bin # the host's cross compiler would come first
mkdir lib src; cat > Makefile <<'EOT'
CFLAGS := -O2 -Wall -Ilib -g0
LIB := lib/list.o lib/hash.o
all: program
program: src/main.o src/parse.o libshapes.so lib/libbase.a
	gcc -o $@ src/main.o src/parse.o -Llib -lbase -L. -lshapes -Wl,-rpath,'$$ORIGIN' -lm -pthread
lib/libbase.a: $(LIB)
	ar rcsD $@ $^
libshapes.so: src/shapes.pic.o
	gcc -shared -o $@ $^
%.pic.o: %.c
	gcc $(CFLAGS) -fPIC -c -o $@ $<
%.o: %.c
	gcc $(CFLAGS) -MMD -c -o $@ $<
-include src/*.d lib/*.d
check: program
	./program 3 4.5 words; ./program -t | sort
clean: ; rm -f program *.so lib/*.[oad] src/*.[od]
EOT
cat > lib/list.h <<'EOT'
struct list { struct list *next; int value; };
struct list *push(struct list *l, int value); int sum(const struct list *l);
unsigned hash(const char *text);
EOT
cat > lib/list.c <<'EOT'
#include <stdlib.h>
#include "list.h"
struct list *push(struct list *l, int v) { struct list *n = malloc(sizeof *n); n->next = l; n->value = v; return n; }
int sum(const struct list *l) { int s = 0; for (; l; l = l->next) s += l->value; return s; }
EOT
cat > lib/hash.c <<'EOT'
#include "list.h"
unsigned hash(const char *t) { unsigned h = 5381; while (*t) h = h * 33 + (unsigned char)*t++; return h; }
EOT
cat > src/shapes.c <<'EOT'
#include <math.h>
double area(double r) { return M_PI * r * r; }
EOT
cat > src/parse.c <<'EOT'
#include <stdlib.h>
double parse(const char *t, int *ok) { char *end; double d = strtod(t, &end); *ok = !*end; return d; }
EOT
cat > src/main.c <<'EOT'
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "list.h"
double area(double r); double parse(const char *t, int *ok);
static void *thread(void *p) { printf("thread %d\n", *(int *)p); return 0; }
int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "-t")) {
        pthread_t t[4]; int n[4];
        for (int i = 0; i < 4; i++) n[i] = i, pthread_create(&t[i], 0, thread, &n[i]);
        for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
        return 0;
    }
    struct list *l = 0;
    for (int i = 1, ok; i < argc; i++) {
        double d = parse(argv[i], &ok);
        ok ? printf("%.6f\n", area(d)) : printf("%s %u\n", argv[i], hash(argv[i]));
        l = push(l, i * i);
    }
    printf("%d\n", sum(l)); return 0;
}
EOT
make -j2 > log 2>&1; echo $?; sort log | sed 's/^ *//'; make check; make -q; echo $?
touch -d '2100-01-01' lib/list.h; make -n -j2 2>/dev/null | grep -c ' -c '; sha256sum src/*.o lib/*.o
echo 'int f(void) { return undeclared; }' > bad.c; gcc -c bad.c 2>&1 | head -2; gcc -O1 -S -o - -x c - <<< 'int f(int x) { return x * 3; }' | grep -E 'add|mul|mov'
gcc -E - <<< '#if __arm__ && __SIZEOF_POINTER__ == 4
right
#endif' | tail -1; gcc -o none nowhere.c 2>/dev/null; echo $?; nm libshapes.so | grep area; objdump -d --no-show-raw-insn lib/hash.o | grep -c :; strip program; size -A program | grep -c '^\.'
make clean > /dev/null; rm log; ls
