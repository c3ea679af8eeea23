/* qsort, bsearch, callbacks through function pointers, recursion. */
#include "show.h"
#include <search.h>

static int calls;
static int by_value(const void *a, const void *b) { calls++; int x = *(const int *)a, y = *(const int *)b; return (x > y) - (x < y); }
static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static int by_context(const void *a, const void *b, void *c) { return (*(const int *)a - *(const int *)b) * *(int *)c; }
static int depth(int n) { return n < 2 ? n : depth(n - 1) + depth(n - 2); }
static int ackermann(int m, int n) { return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1)); }

int main(void)
{
    static int v[20000];
    for (int i = 0; i < 20000; i++)
        v[i] = random32() % 100000;
    qsort(v, 20000, sizeof *v, by_value);
    int sorted = 1;
    for (int i = 1; i < 20000; i++)
        sorted &= v[i - 1] <= v[i];
    printf("%d %d %d %d %d\n", sorted, calls, v[0], v[10000], v[19999]);
    int key = v[777], *found = bsearch(&key, v, 20000, sizeof *v, by_value);
    printf("%d\n", found && *found == key);
    int sign = -1;
    qsort_r(v, 100, sizeof *v, by_context, &sign);
    printf("%d %d\n", v[0] >= v[1], v[98] >= v[99]);
    char *names[] = {"pear", "fig", "apple", "quince", "date", "cherry", "banana"};
    qsort(names, 7, sizeof *names, by_name);
    for (int i = 0; i < 7; i++)
        printf("%s ", names[i]);
    printf("\n%d %d\n", depth(22), ackermann(2, 300));
    void *root = NULL;
    for (int i = 0; i < 7; i++)
        tsearch(&names[(i * 3) % 7], &root, by_name);
    printf("%s\n", **(char ***)root);
    return 0;
}
