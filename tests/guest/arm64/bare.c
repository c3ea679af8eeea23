/* A program without a libc, for hosts on which a translation is slow: few places, much in them.
   Sums over integer, memory, floating-point and indirect code; the sums are printed. */

typedef unsigned int u32;
typedef unsigned long long u64;

static long call3(long number, long a, long b, long c)
{
    register long r7 __asm__("r7") = number;
    register long r0 __asm__("r0") = a;
    register long r1 __asm__("r1") = b;
    register long r2 __asm__("r2") = c;
    __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
    return r0;
}

static void show(const char *name, u64 value)
{
    char line[40];
    int n = 0;
    while (*name)
        line[n++] = *name++;
    line[n++] = ' ';
    for (int shift = 60; shift >= 0; shift -= 4)
        line[n++] = "0123456789abcdef"[value >> shift & 15];
    line[n++] = '\n';
    call3(4, 1, (long)line, n);
}

static u32 state = 12345;

static u32 next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Flags: signed, unsigned, carries, shifts by registers. */
static u64 integers(int n)
{
    u64 sum = 0;
    u32 carry = 1;
    for (int i = 0; i < n; i++) {
        u32 a = next(), b = next();
        sum += (u64)a * b;
        sum ^= (int)a < (int)b ? a : ~b;
        sum += a < b ? 1 : a > b + carry ? 3 : 7;
        sum = sum << (b & 31) | sum >> (63 - (b & 31));
        carry = sum < a;
        sum -= (long long)(int)a >> (a & 15);
    }
    return sum;
}

static unsigned char bytes[256];
static short halves[256];
static u32 words[256];

static u64 memory(int n)
{
    u64 sum = 0;
    for (int i = 0; i < n; i++) {
        u32 at = next() & 255;
        bytes[at] += (unsigned char)i;
        halves[at] -= (short)(bytes[at ^ 1] * 3);
        words[at] = words[at ^ 7] + (u32)halves[at] + (u32)(signed char)bytes[at ^ 3];
        sum = sum * 31 + words[at];
    }
    return sum;
}

union number {
    double d;
    u64 bits;
};

static u64 numbers(int n)
{
    union number x = {0.1}, small = {1e-310}, sum = {0};
    for (int i = 1; i < n; i++) {
        x.d = x.d * 1.0000001 + 1.0 / i;
        small.d = small.d * 0.7 + 1e-309;
        sum.d += x.d > 3 ? x.d / 3 : __builtin_sqrt(x.d);
        sum.d += (double)(int)(x.d * 1000) + (float)x.d;
        if (x.d > 1e6 || small.d != small.d)
            x.d = 0.3;
    }
    return sum.bits ^ x.bits << 1 ^ small.bits << 2;
}

static u32 add(u32 a, u32 b) { return a + b; }
static u32 exclusive(u32 a, u32 b) { return a ^ b; }
static u32 turn(u32 a, u32 b) { return a >> (b & 31) | a << (-b & 31); }
static u32 (*const table[])(u32, u32) = {add, exclusive, turn};

static u64 indirect(int n)
{
    u32 value = 1;
    for (int i = 0; i < n; i++) {
        u32 kind = next();
        value = table[kind % 3](value, kind);
        switch (kind >> 8 & 7) {
        case 0: value++; break;
        case 1: value *= 5; break;
        case 2: value ^= 0x55; break;
        case 3: value -= kind; break;
        case 4: value = ~value; break;
        case 5: value /= (kind & 15) + 1; break;
        default: value += 9;
        }
    }
    return value;
}

__attribute__((noreturn)) void start(void)
{
    show("integers", integers(20000));
    show("memory", memory(20000));
    show("numbers", numbers(20000));
    show("indirect", indirect(20000));
    for (;;)
        call3(1, 0, 0, 0);
}

/* what libgcc's division calls for a divisor of 0 */
int raise(int number)
{
    return (int)call3(1, number, 0, 0);
}

/* the stack pointer comes from the kernel, 8-byte aligned */
__asm__(".globl _start\n.type _start, %function\n.arm\n_start: mov fp, #0\n b start\n");
