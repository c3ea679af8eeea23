/* Calls, recursion, function pointers, jump tables, structures by value, sorting. */
#include "base.h"

struct pair { u32 key; short weight; u8 tag; };

static u32 __attribute__((noinline)) ackermann(u32 m, u32 n)
{
    if (m == 0)
        return n + 1;
    return n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int __attribute__((noinline)) choose(int n)
{
    switch (n) {
    case 0: return 7;
    case 1: return -3;
    case 2: return n * 100;
    case 3: return seed & 15;
    case 4: return choose(2) + 1;
    case 5: return 0x7FFFFFFF;
    case 6: return 99;
    default: return n;
    }
}

static struct pair __attribute__((noinline)) made(u32 i)
{
    struct pair p = {random() >> 8, (short)(i * 37), (u8)i};
    return p;
}

static int by_key(const struct pair *a, const struct pair *b) { return a->key < b->key ? -1 : a->key > b->key; }
static int by_weight(const struct pair *a, const struct pair *b) { return a->weight - b->weight; }

static void __attribute__((noinline)) sort(struct pair *p, int n, int (*order)(const struct pair *, const struct pair *))
{
    for (int i = 1; i < n; i++) {
        struct pair moved = p[i];
        int j = i;
        while (j > 0 && order(&p[j - 1], &moved) > 0) {
            p[j] = p[j - 1];
            j--;
        }
        p[j] = moved;
    }
}

static int run(void)
{
    static int (*const orders[])(const struct pair *, const struct pair *) = {by_key, by_weight};
    static struct pair pairs[24];
    u32 hash = ackermann(2, 5);
    for (int i = -1; i < 9; i++)
        hash = mix(hash, (u32)choose(i));
    for (u32 i = 0; i < 24; i++)
        pairs[i] = made(i);
    for (u32 k = 0; k < 2; k++) {
        sort(pairs, 24, orders[k]);
        for (u32 i = 0; i < 24; i++)
            hash = mix(hash, pairs[i].key + (u32)pairs[i].weight + pairs[i].tag);
    }
    print_hex("control", hash);
    return 42;
}
