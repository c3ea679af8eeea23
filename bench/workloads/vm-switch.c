/* A bytecode interpreter: one switch, one indirect jump for all instructions. */
#include "bench.h"
#include "vm.h"
int main(int argc, char **argv)
{
    uint32_t stack[16], memory[3] = {scale(argc, argv)}, *sp = stack;
    for (const int *pc = program;;)
        switch (*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case ADD: sp--, sp[-1] += sp[0]; break;
        case SUB: sp--, sp[-1] -= sp[0]; break;
        case MUL: sp--, sp[-1] *= sp[0]; break;
        case AND: sp--, sp[-1] &= sp[0]; break;
        case XOR: sp--, sp[-1] ^= sp[0]; break;
        case SHR: sp--, sp[-1] >>= sp[0]; break;
        case DUP: *sp = sp[-1], sp++; break;
        case LOAD: *sp++ = memory[*pc++]; break;
        case STORE: memory[*pc++] = *--sp; break;
        case JMP: pc = program + *pc; break;
        case JZ: pc = *--sp ? pc + 1 : program + *pc; break;
        case JNZ: pc = *--sp ? program + *pc : pc + 1; break;
        case HALT: return finish(memory[SUM]);
        }
}
