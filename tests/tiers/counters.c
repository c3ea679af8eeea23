/* Counters of one loop that are counted in different cases of a switch are not the same. */
#define SLOT(offset, counted) \
    "ldr r3, [r4, #" #offset "]\n cmp r3, #0\n bne 3b\n ldr r3, [r2, #4]\n" counted \
    " str r3, [r4, #" #offset "]\n ldr r3, [r2, #8]!\n cmp r3, #0\n bne 2b\n b 4b\n"
#define ADD(r) "adds " #r ", " #r ", #1\n"

/* For each pair of a number from 1 to 10 and a value, up to a zero: the value goes to a slot that
   has none yet. Gives how often that was slot 9 or 10, 7 or 8, and one of 1, 2, 3 and 5. */
int count(int slots[16], const int (*pairs)[2]);
asm(".text\n .syntax unified\n .thumb\n .thumb_func\n .global count\n count:\n"
    "push {r4, r5, r6, lr}\n mov r4, r0\n mov r2, r1\n"
    "ldr r3, [r2]\n movs r0, #0\n mov r6, r0\n mov r5, r0\n cmp r3, #0\n beq 4f\n"
    "2: subs r3, #1\n cmp r3, #9\n bhi 3f\n tbb [pc, r3]\n"
    "1: .byte (11f - 1b) / 2, (12f - 1b) / 2, (13f - 1b) / 2, (14f - 1b) / 2, (15f - 1b) / 2\n"
    ".byte (16f - 1b) / 2, (17f - 1b) / 2, (18f - 1b) / 2, (19f - 1b) / 2, (20f - 1b) / 2\n"
    "20: ldr r3, [r4, #60]\n cmp r3, #0\n beq 21f\n"
    "3: ldr r3, [r2, #8]!\n cmp r3, #0\n bne 2b\n"
    "4: movs r3, #10\n muls r5, r3\n movs r3, #100\n muls r0, r3\n add r0, r5\n add r0, r6\n"
    "pop {r4, r5, r6, pc}\n"
    "19: " SLOT(56, ADD(r0)) "18: " SLOT(52, ADD(r5)) "17: " SLOT(48, ADD(r5)) "16: " SLOT(44, "")
    "15: " SLOT(40, ADD(r6)) "14: " SLOT(32, "") "13: " SLOT(36, ADD(r6)) "12: " SLOT(28, ADD(r6))
    "11: " SLOT(24, ADD(r6))
    "21: ldr r3, [r2, #4]\n" ADD(r0) "str r3, [r4, #60]\n ldr r3, [r2, #8]!\n cmp r3, #0\n bne 2b\n b 4b\n");

void _start(void)
{
    static const int pairs[][2] = {{1, 1}, {7, 1}, {2, 1}, {9, 1}, {7, 1}, {5, 1}, {8, 1}, {12, 1}, {0, 0}};
    int (*volatile indirect)(int[16], const int (*)[2]) = count;
    int wrong = 0;
    for (int i = 0; i < 1000; i++) {
        int slots[16];
        for (int k = 0; k < 16; k++)
            ((volatile int *)slots)[k] = 0;
        wrong |= indirect(slots, pairs) != 123;
    }
    register int status asm("r0") = wrong, number asm("r7") = 1;
    asm volatile("svc 0" : : "r"(status), "r"(number));
    __builtin_unreachable();
}
