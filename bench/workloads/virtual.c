/* Objects with virtual functions: three kinds, dispatched through a table in each object. */
#include "bench.h"
struct shape;
struct class { uint32_t (*area)(const struct shape *); void (*grow)(struct shape *, uint32_t); };
struct shape { const struct class *class; uint32_t a, b; };
static uint32_t box_area(const struct shape *s) { return s->a * s->b; }
static uint32_t triangle_area(const struct shape *s) { return s->a * s->b >> 1; }
static uint32_t disc_area(const struct shape *s) { return s->a * s->a * 3217 >> 10; }
static void grow_both(struct shape *s, uint32_t n) { s->a += n, s->b ^= n; }
static void grow_one(struct shape *s, uint32_t n) { s->a = s->a * 3 + n; }
static const struct class classes[] = {{box_area, grow_both}, {triangle_area, grow_both}, {disc_area, grow_one}};
int main(int argc, char **argv)
{
    int rounds = scale(argc, argv);
    static struct shape shapes[1000];
    uint32_t state = 37, sum = 0;
    for (int i = 0; i < 1000; i++)
        shapes[i] = (struct shape){&classes[next(&state) % 3], next(&state) & 255, next(&state) & 255};
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < 1000; i++) {
            sum = sum * 31 + shapes[i].class->area(&shapes[i]);
            shapes[i].class->grow(&shapes[i], sum & 15);
        }
    return finish(sum);
}
