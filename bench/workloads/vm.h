/* The program of both bytecode interpreters: lengths of Collatz sequences, for I = memory[0] down to 1. */
enum { PUSH, ADD, SUB, MUL, AND, XOR, SHR, DUP, LOAD, STORE, JMP, JZ, JNZ, HALT };
enum { I, N, SUM };
static const int program[] = {
    /* start = 0 */ LOAD, I, STORE, N,
    /* loop = 4 */ LOAD, N, PUSH, 1, SUB, JZ, 49, LOAD, N, PUSH, 1, AND, JZ, 30, LOAD, N, PUSH, 3, MUL, PUSH, 1, ADD, STORE, N, JMP, 37,
    /* even = 30 */ LOAD, N, PUSH, 1, SHR, STORE, N,
    /* count = 37 */ LOAD, SUM, PUSH, 1, ADD, LOAD, N, XOR, STORE, SUM, JMP, 4,
    /* end = 49 */ LOAD, I, PUSH, 1, SUB, DUP, STORE, I, JNZ, 0, HALT,
};
