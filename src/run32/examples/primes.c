/* A static ARM program: a picture in fixed-point arithmetic, a sieve, and the machine it believes to be on. */
#include "start.h"

struct uname { char sysname[65], nodename[65], release[65], version[65], machine[65], domain[65]; };

static unsigned char composite[100000];

static void picture(void)
{
    static const char shades[] = " .:-=+*#%@";
    char line[64];
    for (int row = 0; row < 21; row++) {
        for (int column = 0; column < 62; column++) {
            int cx = column * 190 - 8600, cy = row * 420 - 4200; /* 4096 is 1.0 */
            int x = 0, y = 0, n = 0;
            while (n < 60 && x * x / 4096 + y * y / 4096 < 4 * 4096) {
                int next = (x * x - y * y) / 4096 + cx;
                y = 2 * x * y / 4096 + cy;
                x = next;
                n++;
            }
            line[column] = shades[n < 60 ? n * 9 / 30 % 9 : 9];
        }
        line[62] = '\n';
        line[63] = 0;
        print(line);
    }
}

static u32 count_primes(u32 below)
{
    u32 count = 0;
    for (u32 i = 2; i < below; i++) {
        if (composite[i])
            continue;
        count++;
        for (u32 j = i; j < below; j += i)
            composite[j] = 1;
    }
    return count;
}

__attribute__((used)) void start(void)
{
    struct uname machine;
    picture();
    print("primes below 100000: ");
    print_number(count_primes(sizeof composite));
    if (call(NR_uname, (long)&machine, 0, 0) == 0) {
        print("\nthis program runs on ");
        print(machine.sysname);
        print(" ");
        print(machine.machine);
    }
    print("\n");
    call(NR_exit, 0, 0, 0);
    __builtin_unreachable();
}
