/* Functions that divide, as older compilers and C libraries do it, and some that almost do. */
typedef unsigned int u32;
typedef unsigned long long u64;

/* Callers, first in the file: they return to r4. The helpers are libgcc's. */
#define CALLERS(helper)                                                                           \
    __asm__(".pushsection .text.hot, \"ax\", %progbits\n.syntax unified\n"                         \
            ".macro caller state\n.balign 4\n.\\state\n.type \\state\\()_" #helper ", %function\n" \
            "\\state\\()_" #helper ":\n bl " #helper "\n bx r4\n.endm\n"                           \
            "caller arm\ncaller thumb\n.purgem caller\n.popsection\n")
CALLERS(__aeabi_uidiv);
CALLERS(__aeabi_idiv);
CALLERS(__aeabi_uidivmod);
CALLERS(__aeabi_idivmod);
CALLERS(__aeabi_uldivmod);
CALLERS(__aeabi_ldivmod);
CALLERS(unrolled_u32);

int raise(int signal)
{
    return signal;
}

void _start(void)
{
}

/* Bit by bit. */
static u64 loop(u32 x, u32 y)
{
    u32 quotient = 0, bit = 1;
    if (y == 0)
        return 0;
    while (y < x && !(y >> 31))
        y <<= 1, bit <<= 1;
    do {
        if (x >= y)
            x -= y, quotient |= bit;
        y >>= 1;
    } while (bit >>= 1);
    return (u64)x << 32 | quotient;
}

u64 loop_u32_both(u32 x, u32 y)
{
    return loop(x, y);
}

static __attribute__((noinline)) int loop_s32(int x, int y)
{
    u32 quotient = loop(x < 0 ? -(u32)x : x, y < 0 ? -(u32)y : y);
    return (x ^ y) < 0 ? -quotient : quotient;
}

u64 loop_u64(u64 x, u64 y)
{
    u64 quotient = 0, bit = 1;
    if (y == 0)
        return 0;
    while (y < x && !(y >> 63))
        y <<= 1, bit <<= 1;
    do {
        if (x >= y)
            x -= y, quotient |= bit;
        y >>= 1;
    } while (bit >>= 1);
    return quotient;
}

/* A step for each bit; a jump to the first that is needed. */
__asm__(".text\n.syntax unified\n.arm\n.balign 4\n.type unrolled_u32, %function\nunrolled_u32:\n"
        "cmp r1, #0\nbeq 9f\ncmp r0, r1\nmovlo r0, #0\nbxlo lr\n"
        "clz r3, r0\nclz r2, r1\nsub r3, r2, r3\nrsb r3, r3, #31\nadd r3, r3, r3, lsl #1\n"
        "mov r2, #0\nadd pc, pc, r3, lsl #2\nnop\n"
        ".set shift, 31\n.rept 32\ncmp r0, r1, lsl #shift\nadc r2, r2, r2\n"
        "subcs r0, r0, r1, lsl #shift\n.set shift, shift - 1\n.endr\nmov r0, r2\nbx lr\n"
        "9: mvn r0, #0\nbx lr\n");

/* Near misses. */
static volatile int calls;
int table[4] = {1, 1, 1, 1};

u32 not_rounding(u32 x, u32 y)
{
    u64 both = loop(x, y);
    return (u32)both + ((u32)(both >> 32) > y / 2);
}

u64 not_one_word(u32 x, u32 y)
{
    return (u32)loop(x, y);
}

u32 not_at_equality(u32 x, u32 y)
{
    return x == y ? 0 : (u32)loop(x, y);
}

u32 not_for_one_pair(u32 x, u32 y)
{
    return x == 0x12345678 && y == 0x777 ? 5 : (u32)loop(x, y);
}

u32 not_for_some(u32 x, u32 y)
{
    return (u32)loop(x, y) - (x - y == 0x12345);
}

u32 not_pure(u32 x, u32 y)
{
    calls++;
    return loop(x, y);
}

u32 not_alone(u32 x, u32 y)
{
    return (u32)loop(x, y) * table[1];
}

int not_truncating(int x, int y)
{
    int quotient = loop_s32(x, y);
    return quotient - ((x ^ y) < 0 && quotient * y != x);
}

u64 not_the_rest(int x, int y)
{
    int quotient = loop_s32(x, y), rest = x - quotient * y;
    return (u64)(u32)(rest < 0 ? rest + (y < 0 ? -y : y) : rest) << 32 | (u32)quotient;
}

u64 not_all_64(u64 x, u64 y)
{
    return (u32)(x >> 32) ? (u32)loop_u64(x, y) : loop((u32)x, (u32)y) & 0xffffffff;
}

__asm__(".type not_preserving, %function\nnot_preserving:\n"
        "push {r4, lr}\nbl unrolled_u32\npop {r5, pc}\n"
        ".type not_returning, %function\nnot_returning:\nbl unrolled_u32\nb not_returning\n");
