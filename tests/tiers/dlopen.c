// Libraries that come and go, at the same addresses and at others.
#include <dlfcn.h>
#include <stdio.h>
#include <sys/mman.h>

static unsigned expected(unsigned x, unsigned version)
{
    for (int i = 0; i < 1000; i++)
        x = x * 31 + version;
    return x;
}

int main(int argc, char **argv)
{
    int wrong = 0;
    if (argc < 3)
        return 2;
    for (int round = 0; round < 60; round++) {
        int version = round % 2;
        void *library = dlopen(argv[1 + version], RTLD_NOW);
        if (!library) {
            puts(dlerror());
            return 1;
        }
        unsigned (*compute)(unsigned) = (unsigned (*)(unsigned))dlsym(library, "compute");
        for (unsigned i = 0; i < 200; i++)
            wrong += compute(i) != expected(i, version + 1);
        dlclose(library);
        if (round % 3 == 0)
            mmap(0, 4096 << round % 4, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    printf("wrong: %d\n", wrong);
    return wrong != 0;
}
