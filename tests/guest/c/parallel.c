/* Packed, saturating and other ARMv6 instructions, in flags and results. */
#include "show.h"
#include <arm_acle.h>

#define OP2(name) ({ uint32_t r_; __asm__(name " %0, %1, %2" : "=r"(r_) : "r"(x), "r"(y)); r_; })
#define OP1(name) ({ uint32_t r_; __asm__(name " %0, %1" : "=r"(r_) : "r"(x)); r_; })
#define OP3(name) ({ uint32_t r_; __asm__(name " %0, %1, %2, %3" : "=r"(r_) : "r"(x), "r"(y), "r"(z)); r_; })
#define LONG(name) ({ uint32_t l_ = x, h_ = z; __asm__(name " %0, %1, %2, %3" : "+r"(l_), "+r"(h_) : "r"(x), "r"(y)); l_ * 31 + h_; })

int main(void)
{
    uint32_t hash[48] = {0};
    /* the operation of each line is the n-th in this loop */
    for (int i = 0; i < 4000; i++) {
        uint32_t x = random32(), y = random32(), z = random32(), n = 0;
        hash[n++] += OP2("qadd"), hash[n++] += OP2("qsub"), hash[n++] += OP2("qdadd"), hash[n++] += OP2("qdsub");
        hash[n++] += OP2("sadd8"), hash[n++] += OP2("uadd8"), hash[n++] += OP2("qadd8"), hash[n++] += OP2("uqsub8");
        hash[n++] += OP2("shadd16"), hash[n++] += OP2("uhsub8"), hash[n++] += OP2("sasx"), hash[n++] += OP2("uqsax");
        hash[n++] += OP2("usad8"), hash[n++] += OP3("usada8"), hash[n++] += OP2("sxtab16"), hash[n++] += OP1("uxtb16");
        hash[n++] += OP1("rev16"), hash[n++] += OP1("revsh"), hash[n++] += OP1("rbit"), hash[n++] += OP1("clz");
        hash[n++] += OP2("smulbb"), hash[n++] += OP2("smultb"), hash[n++] += OP2("smulwt"), hash[n++] += OP3("smlabt");
        hash[n++] += OP3("smlad"), hash[n++] += OP3("smlsdx"), hash[n++] += OP2("smmulr"), hash[n++] += OP3("smmla");
        hash[n++] += LONG("umlal"), hash[n++] += LONG("smlal"), hash[n++] += LONG("umaal"), hash[n++] += LONG("smlald");
        hash[n++] += OP3("mls"), hash[n++] += __ssat((int)x, 12), hash[n++] += __usat((int)y, 20), hash[n++] += __ssat16(x, 5);
        uint32_t r, f;
        __asm__("uadd8 %0, %2, %3\n sel %0, %2, %3\n mrs %1, cpsr" : "=&r"(r), "=r"(f) : "r"(x), "r"(y));
        hash[n++] += r + (f & 0xf0000), r = x;
        __asm__("adds %0, %2, %3, ror #7\n mrs %1, cpsr" : "=&r"(r), "=r"(f) : "r"(x), "r"(y) : "cc");
        hash[n++] += r ^ (f & 0xf0000000), r = x;
        __asm__("bfi %0, %1, #5, #13" : "+r"(r) : "r"(y));
        hash[n++] += r;
        __asm__("ubfx %0, %1, #3, #21" : "=r"(r) : "r"(y));
        hash[n++] += r;
        __asm__("pkhtb %0, %1, %2, asr #9" : "=r"(r) : "r"(x), "r"(y));
        hash[n++] += r;
    }
    for (int i = 0; i < 41; i++)
        printf("%2d %08x\n", i, hash[i]);
    return 0;
}
