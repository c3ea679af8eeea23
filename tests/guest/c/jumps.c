/* setjmp and longjmp, variable arguments, computed goto, switch tables, struct passing. */
#include "show.h"
#include <setjmp.h>

struct pair { double x; long long n; char c; };
struct small { short a, b; };
struct four { float a, b, c, d; };

static jmp_buf environment;
static void leap(int n) { if (n == 0) longjmp(environment, 42); leap(n - 1); }

static double total(const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    double sum = 0;
    for (; *kinds; kinds++)
        switch (*kinds) {
        case 'i': sum += va_arg(args, int); break;
        case 'l': sum += va_arg(args, long long); break;
        case 'd': sum += va_arg(args, double); break;
        case 's': sum += strlen(va_arg(args, char *)); break;
        case 'p': { struct pair p = va_arg(args, struct pair); sum += p.x + p.n + p.c; break; }
        }
    va_end(args);
    return sum;
}

static struct pair swap(struct pair p, struct small s) { return (struct pair){p.n, p.x + s.a, p.c + s.b}; }
static struct four add(struct four x, struct four y) { return (struct four){x.a + y.d, x.b + y.c, x.c + y.b, x.d + y.a}; }
static double many(int a, float b, long long c, double d, char e, float f, short g, double h, int i, double j)
{
    return a + b * 2 + c * 3 + d * 4 + e * 5 + f * 6 + g * 7 + h * 8 + i * 9 + j * 10;
}

static int machine(const char *program)
{
    static const void *labels[] = {&&add_, &&double_, &&negate, &&end};
    int acc = 1;
    goto *labels[*program++ - '0'];
add_: acc += 3; goto *labels[*program++ - '0'];
double_: acc *= 2; goto *labels[*program++ - '0'];
negate: acc = -acc; goto *labels[*program++ - '0'];
end: return acc;
}

static int table(int n)
{
    switch (n) {
    case 0: return 5; case 1: return 17; case 2: return -3; case 3: return 99; case 4: return 1; case 5: return 12;
    case 6: return 8; case 7: return 77; case 8: return 6; case 9: return n * n; case 10: return 4; case 200: return 2;
    default: return -1;
    }
}

int main(void)
{
    volatile int times = 0;
    double kept = 1.25;
    int got = setjmp(environment);
    printf("setjmp %d %g\n", got, kept);
    if (times++ < 1)
        leap(50);
    SHOW(got);
    struct pair p = {2.5, 1ll << 40, 'x'};
    printf("%.3f\n", total("ildspid", 1, 2ll << 33, 0.5, "four", p, 9, -1.5));
    p = swap(p, (struct small){3, 4});
    printf("%g %lld %d\n", p.x, p.n, p.c);
    struct four f = add((struct four){1, 2, 3, 4}, (struct four){10, 20, 30, 40});
    printf("%g %g %g %g\n", f.a, f.b, f.c, f.d);
    printf("%g\n", many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    SHOW(machine("0110213"));
    int sum = 0;
    for (int i = -3; i < 210; i++)
        sum = sum * 3 + table(i);
    SHOW(sum);
    char text[100];
    SHOW(snprintf(text, sizeof text, "%5d|%-5s|%05.1f|%x|%c|%lld|%p|%%|%+d|%.3s", 42, "ab", 3.14159, 255, 'z', -1ll, (void *)16, 7, "abcdef"));
    puts(text);
    int a, b; char word[20]; double d;
    SHOW(sscanf("12 0x1f hello 2.5e3", "%d %i %19s %lf", &a, &b, word, &d));
    printf("%d %d %s %g\n", a, b, word, d);
    return 0;
}
