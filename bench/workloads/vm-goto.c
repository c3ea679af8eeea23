/* A bytecode interpreter with computed goto: an indirect jump after every instruction. build: -fno-gcse -fno-crossjumping */
#include "bench.h"
#include "vm.h"
#define NEXT goto *table[*pc++]
int main(int argc, char **argv)
{
    static void *const table[] = {&&push, &&add, &&sub, &&mul, &&and, &&xor, &&shr, &&dup, &&load, &&store, &&jmp, &&jz, &&jnz, &&halt};
    uint32_t stack[16], memory[3] = {scale(argc, argv)}, *sp = stack;
    const int *pc = program;
    NEXT;
push: *sp++ = *pc++; NEXT;
add: sp--, sp[-1] += sp[0]; NEXT;
sub: sp--, sp[-1] -= sp[0]; NEXT;
mul: sp--, sp[-1] *= sp[0]; NEXT;
and: sp--, sp[-1] &= sp[0]; NEXT;
xor: sp--, sp[-1] ^= sp[0]; NEXT;
shr: sp--, sp[-1] >>= sp[0]; NEXT;
dup: *sp = sp[-1], sp++; NEXT;
load: *sp++ = memory[*pc++]; NEXT;
store: memory[*pc++] = *--sp; NEXT;
jmp: pc = program + *pc; NEXT;
jz: pc = *--sp ? pc + 1 : program + *pc; NEXT;
jnz: pc = *--sp ? program + *pc : pc + 1; NEXT;
halt: return finish(memory[SUM]);
}
