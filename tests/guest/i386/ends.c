/* Ways to end that are not an exit: built once for each value of HOW. */
#include "base.h"

static int run(void)
{
    print("about to end\n");
    switch (HOW) {
    case 0: __asm__ volatile("ud2"); break;
    case 1: __asm__ volatile("int3"); break;
    case 2: __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0)); break;
    case 3: __asm__ volatile("idivl %0" : : "r"(-1), "a"(0x80000000), "d"(-1)); break;
    case 4: *(volatile int *)16 = 1; break;
    case 5: __asm__ volatile("call *%0" : : "r"(0x10)); break;
    case 6: __asm__ volatile("jmp *%0" : : "r"(&seed)); break;
    case 7: __asm__ volatile("movl $0, %esp\n\tpush %eax"); break;
    }
    return 9;
}
