/* Vectors of 128 bits: NEON's on ARM, the compiler's own elsewhere. No operation is fused. */
#include "bench.h"
#ifdef __ARM_NEON
#include <arm_neon.h>
typedef float32x4_t v4f;
typedef uint32x4_t v4u;
typedef uint8x16_t v16b;
typedef uint16x8_t v8h;
static inline v4f add(v4f a, v4f b) { return vaddq_f32(a, b); }
static inline v4f sub(v4f a, v4f b) { return vsubq_f32(a, b); }
static inline v4f mul(v4f a, v4f b) { return vmulq_f32(a, b); }
static inline v4f splat(float a) { return vdupq_n_f32(a); }
static inline v4f load(const float *p) { return vld1q_f32(p); }
static inline void store(float *p, v4f a) { vst1q_f32(p, a); }
static inline v4u above(v4f a, v4f b) { return vcgtq_f32(a, b); }
static inline v4f where(v4u lanes, v4f a)
{
    return vreinterpretq_f32_u32(vandq_u32(lanes, vreinterpretq_u32_f32(a)));
}
static inline v16b loadb(const uint8_t *p) { return vld1q_u8(p); }
static inline void storeb(uint8_t *p, v16b a) { vst1q_u8(p, a); }
static inline v16b average(v16b a, v16b b) { return vrhaddq_u8(a, b); }
static inline v16b distance(v16b a, v16b b) { return vabdq_u8(a, b); }
static inline v8h low(v16b a) { return vmovl_u8(vget_low_u8(a)); }
static inline v8h high(v16b a) { return vmovl_u8(vget_high_u8(a)); }
#else
typedef float v4f __attribute__((vector_size(16)));
typedef uint32_t v4u __attribute__((vector_size(16)));
typedef uint8_t v16b __attribute__((vector_size(16)));
typedef uint8_t v8b __attribute__((vector_size(8)));
typedef uint16_t v8h __attribute__((vector_size(16)));
typedef uint16_t v16h __attribute__((vector_size(32)));
static inline v4f add(v4f a, v4f b) { return a + b; }
static inline v4f sub(v4f a, v4f b) { return a - b; }
static inline v4f mul(v4f a, v4f b) { return a * b; }
static inline v4f splat(float a) { return (v4f){ a, a, a, a }; }
static inline v4f load(const float *p) { v4f a; memcpy(&a, p, 16); return a; }
static inline void store(float *p, v4f a) { memcpy(p, &a, 16); }
static inline v4u above(v4f a, v4f b) { return (v4u)(a > b); }
static inline v4f where(v4u lanes, v4f a) { return (v4f)(lanes & (v4u)a); }
static inline v16b loadb(const uint8_t *p) { v16b a; memcpy(&a, p, 16); return a; }
static inline void storeb(uint8_t *p, v16b a) { memcpy(p, &a, 16); }
static inline v16b average(v16b a, v16b b) { return (a | b) - ((a ^ b) >> 1); }
static inline v16b distance(v16b a, v16b b)
{
    v16b less = (v16b)(a < b);
    return ((a - b) & ~less) | ((b - a) & less);
}
static inline v8h low(v16b a)
{
    v8b half;
    memcpy(&half, &a, 8);
    return __builtin_convertvector(half, v8h);
}
static inline v8h high(v16b a)
{
    v8b half;
    memcpy(&half, (char *)&a + 8, 8);
    return __builtin_convertvector(half, v8h);
}
#endif
