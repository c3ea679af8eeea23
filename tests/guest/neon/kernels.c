/* Loops as multimedia code has them, vectorised by the compiler or written with intrinsics. */
#include <arm_neon.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { N = 4096 };
static uint8_t a8[N + 64], b8[N + 64], c8[N + 64], rgb[3 * N + 64];
static int16_t a16[N + 64], b16[N + 64];
static int32_t a32[N + 64];
static float af[N + 64], bf[N + 64], cf[N + 64];
static uint32_t seed = 32;

static uint32_t next(void) {
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static uint32_t sum(const void *data, size_t size) {
    const uint8_t *p = data;
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * 16777619u;
    return h;
}

static void fill(void) {
    for (int i = 0; i < N + 64; i++) {
        a8[i] = next();
        b8[i] = next();
        a16[i] = next();
        b16[i] = next();
        a32[i] = next() * 257;
        af[i] = (int32_t)next() / 65536.0f - 100;
        bf[i] = (next() & 0xffff) / 4096.0f + 0.125f;
    }
    for (int i = 0; i < 3 * N + 64; i++)
        rgb[i] = next();
}

static void grey(void) { /* structure loads, widening products, rounding narrow shifts */
    for (int i = 0; i < N; i += 8) {
        uint8x8x3_t p = vld3_u8(rgb + 3 * i);
        uint16x8_t t = vmull_u8(p.val[0], vdup_n_u8(77));
        t = vmlal_u8(t, p.val[1], vdup_n_u8(151));
        t = vmlal_u8(t, p.val[2], vdup_n_u8(28));
        vst1_u8(c8 + i, vrshrn_n_u16(t, 8));
    }
}

static void planes(void) { /* structure stores and permutations */
    for (int i = 0; i < N; i += 16) {
        uint8x16x2_t z = vzipq_u8(vld1q_u8(a8 + i), vrev64q_u8(vld1q_u8(b8 + i)));
        z.val[1] = vextq_u8(z.val[1], z.val[0], 5);
        vst2q_u8(rgb + 2 * i, z);
    }
}

static uint32_t distance(void) { /* sums of absolute differences */
    uint16x8_t t = vdupq_n_u16(0);
    uint32_t total = 0;
    for (int i = 0; i < N; i += 16) {
        t = vabal_u8(t, vld1_u8(a8 + i), vld1_u8(b8 + i));
        t = vabal_u8(t, vld1_u8(a8 + i + 8), vld1_u8(b8 + i + 8));
        if (i % 256 == 240) {
            uint64x2_t w = vpaddlq_u32(vpaddlq_u16(t));
            total += vgetq_lane_u64(w, 0) + vgetq_lane_u64(w, 1);
            t = vdupq_n_u16(0);
        }
    }
    return total;
}

static void filter(void) { /* saturating products */
    for (int i = 0; i < N; i += 4) {
        int32x4_t t = vqdmull_s16(vld1_s16(a16 + i), vld1_s16(b16 + i));
        t = vqdmlal_lane_s16(t, vld1_s16(a16 + i + 1), vld1_s16(b16 + i), 3);
        t = vqdmlsl_s16(t, vld1_s16(a16 + i + 2), vdup_n_s16(-32768));
        vst1_s16(b16 + i, vqrshrn_n_s32(t, 11));
    }
}

static void transform(void) { /* butterflies on words */
    for (int i = 0; i < N; i += 16) {
        int32x4x4_t x = vld4q_s32(a32 + i);
        int32x4_t s = vaddq_s32(x.val[0], x.val[3]), d = vhsubq_s32(x.val[1], x.val[2]);
        x.val[0] = vqrdmulhq_s32(s, d);
        x.val[1] = vqshlq_s32(s, vshrq_n_s32(d, 27));
        x.val[2] = vsraq_n_s32(x.val[2], s, 3);
        x.val[3] = vrshlq_s32(d, vdupq_n_s32(-4));
        vst4q_s32(a32 + i, x);
    }
}

static void table(void) {
    uint8x8x4_t t = {{vld1_u8(b8), vld1_u8(b8 + 8), vld1_u8(b8 + 16), vld1_u8(b8 + 24)}};
    for (int i = 0; i < N; i += 8) {
        uint8x8_t index = vand_u8(vld1_u8(a8 + i), vdup_n_u8(47));
        vst1_u8(c8 + i, vtbx4_u8(vcnt_u8(index), t, index));
    }
}

static void product(void) { /* 4 x 4 matrices */
    for (int i = 0; i < N; i += 16)
        for (int j = 0; j < 16; j += 4) {
            float32x4_t t = vmulq_n_f32(vld1q_f32(af + i), bf[i + j]);
            t = vmlaq_n_f32(t, vld1q_f32(af + i + 4), bf[i + j + 1]);
            t = vmlaq_n_f32(t, vld1q_f32(af + i + 8), bf[i + j + 2]);
            vst1q_f32(cf + i + j, vmlsq_n_f32(t, vld1q_f32(af + i + 12), bf[i + j + 3]));
        }
}

static void roots(void) { /* estimates and their refinement */
    for (int i = 0; i < N; i += 4) {
        float32x4_t x = vld1q_f32(bf + i), e = vrsqrteq_f32(x);
        e = vmulq_f32(e, vrsqrtsq_f32(vmulq_f32(x, e), e));
        float32x4_t r = vrecpeq_f32(x);
        r = vmulq_f32(r, vrecpsq_f32(r, x));
        uint32x4_t big = vcgtq_f32(e, r);
        vst1q_f32(cf + i, vbslq_f32(big, vmaxq_f32(e, x), vabdq_f32(r, x)));
    }
}

static void convert(void) {
    for (int i = 0; i < N; i += 4) {
        int32x4_t w = vcvtq_n_s32_f32(vld1q_f32(af + i), 9);
        vst1q_f32(cf + i, vaddq_f32(vcvtq_f32_u32(vreinterpretq_u32_s32(w)), vcvtq_n_f32_s32(w, 20)));
    }
}

static float plain(void) { /* what -O3 -ffast-math makes of loops */
    float t = 0;
    for (int i = 0; i < N; i++) {
        cf[i] = af[i] * bf[i] + cf[i] * 0.5f;
        t += cf[i] * 0.001f;
    }
    for (int i = 0; i < N; i++)
        a32[i] = a32[i] > b16[i] ? a32[i] - b16[i] : a8[i] * c8[i];
    for (int i = 0; i < N; i++)
        c8[i] = (a8[i] + b8[i] + 1) >> 1;
    return t;
}

int main(void) {
    fill();
    for (int round = 0; round < 40; round++) {
        grey();
        uint32_t g = sum(c8, N);
        planes();
        uint32_t p = sum(rgb, 2 * N), d = distance();
        filter();
        transform();
        table();
        uint32_t t = sum(c8, N);
        product();
        uint32_t m = sum(cf, sizeof cf);
        roots();
        uint32_t r = sum(cf, sizeof cf);
        convert();
        uint32_t c = sum(cf, sizeof cf);
        float f = plain();
        if (round % 10 == 9)
            printf("%08x %08x %u %08x %08x %08x %08x %08x %08x %08x %08x %a\n", g, p, d, t, m, r, c,
                   sum(cf, sizeof cf), sum(a16, sizeof a16), sum(a32, sizeof a32), sum(c8, N), f);
        a8[round] ^= c8[round];
    }
    uint32_t fpscr;
    __asm__ volatile("vmrs %0, fpscr" : "=r"(fpscr));
    printf("fpscr %08x\n", fpscr);
    return 0;
}
