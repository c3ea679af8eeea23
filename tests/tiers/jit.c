// Code that is written while the program runs: with one writable and executable mapping, with
// mprotect back and forth, in place in a hot loop, and through a second mapping of the same memory.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef unsigned (*function)(unsigned);

// ARM: for (i = 0; i < 200; i++) r0 = r0 + constant; with a literal behind it
static void put(uint32_t *at, uint32_t constant, uint32_t literal)
{
    uint32_t code[] = {
        0xe3a010c8,               // mov r1, #200
        0xe59f2014,               // ldr r2, [pc, #20]: the literal
        0xe2800000 | constant,    // loop: add r0, r0, #constant
        0xe0200002,               // eor r0, r0, r2
        0xe2511001,               // subs r1, r1, #1
        0x1afffffb,               // bne loop
        0xe12fff1e,               // bx lr
        0,
        literal,
    };
    memcpy(at, code, sizeof code);
}

static unsigned expected(unsigned x, unsigned constant, unsigned literal)
{
    for (int i = 0; i < 200; i++)
        x = (x + constant) ^ literal;
    return x;
}

static int failures;
static void check(function f, unsigned constant, unsigned literal, int times)
{
    for (int i = 0; i < times; i++)
        if (f(i) != expected(i, constant, literal) && failures++ < 5)
            printf("wrong: constant %u, literal %u, call %d\n", constant, literal, i);
}

int main(void)
{
    char *page = mmap(0, 8192, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned round = 1; round < 20; round++) {
        put((uint32_t *)page, round, round * 77);
        __builtin___clear_cache(page, page + 4096);
        check((function)page, round, round * 77, 400);
        // data in the code may change without a word
        ((uint32_t *)page)[8] = round * 99;
        check((function)page, round, round * 99, 100);
        // another function beside it
        put((uint32_t *)(page + 1024), round + 1, 5);
        __builtin___clear_cache(page + 1024, page + 2048);
        check((function)(page + 1024), round + 1, 5, 300);
        check((function)page, round, round * 99, 100);
    }
    puts("rewritten");
    char *strict = mmap(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (unsigned round = 1; round < 20; round++) {
        mprotect(strict, 4096, 3);
        put((uint32_t *)strict, round, round * 7);
        mprotect(strict, 4096, 5);
        check((function)strict, round, round * 7, 400);
    }
    puts("protected");
    int fd = memfd_create("code", 0);
    ftruncate(fd, 4096);
    char *writable = mmap(0, 4096, 3, MAP_SHARED, fd, 0);
    char *executable = mmap(0, 4096, 5, MAP_SHARED, fd, 0);
    for (unsigned round = 1; round < 20; round++) {
        put((uint32_t *)writable, round, round * 13);
        __builtin___clear_cache(executable, executable + 4096);
        check((function)executable, round, round * 13, 400);
    }
    puts("mapped twice");
    for (unsigned round = 1; round < 20; round++) {
        char *moving = mmap(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        put((uint32_t *)moving, round, round * 3);
        __builtin___clear_cache(moving, moving + 4096);
        check((function)moving, round, round * 3, 300);
        munmap(moving, 4096);
    }
    puts(failures ? "failed" : "mapped anew");
    return failures != 0;
}
