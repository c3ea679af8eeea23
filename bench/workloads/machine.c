/* An interpreter of a small stack machine: indirect jumps through a switch. */
#include "bench.h"
enum { PUSH, ADD, SUB, MUL, DUP, SWAP, LOAD, STORE, JNZ, HALT };
static const int program[] = {PUSH, 0, STORE, 0, PUSH, 3000000, STORE, 1, /* 8: */ LOAD, 0, PUSH, 3, MUL, LOAD, 1, ADD, PUSH, 7, SUB, DUP, SWAP,
                              SUB, LOAD, 0, ADD, LOAD, 1, ADD, STORE, 0, LOAD, 1, PUSH, 1, SUB, DUP, STORE, 1, JNZ, 8, HALT};
int main(void)
{
    uint32_t stack[16], memory[2] = {0}, *sp = stack;
    for (const int *pc = program;;)
        switch (*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case ADD: sp--, sp[-1] += sp[0]; break;
        case SUB: sp--, sp[-1] -= sp[0]; break;
        case MUL: sp--, sp[-1] *= sp[0]; break;
        case DUP: *sp = sp[-1], sp++; break;
        case SWAP: { uint32_t t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break; }
        case LOAD: *sp++ = memory[*pc++]; break;
        case STORE: memory[*pc++] = *--sp; break;
        case JNZ: pc = *--sp ? program + *pc : pc + 1; break;
        case HALT: return finish(memory[0]);
        }
}
