#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels.h"
#include "query.h"

static float dot(const float *a, const float *b, size_t dimension) {
  float32x4_t s[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  for (size_t i = 0; i < dimension; i += 16)
    for (size_t j = 0; j < 4; j++) s[j] = vfmaq_f32(s[j], vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j));
  return vaddvq_f32(vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])));
}

static float squared_distance(const float *a, const float *b, size_t dimension) {
  float32x4_t s[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0)};
  for (size_t i = 0; i < dimension; i += 16)
    for (size_t j = 0; j < 4; j++) {
      float32x4_t d = vsubq_f32(vld1q_f32(a + i + 4 * j), vld1q_f32(b + i + 4 * j));
      s[j] = vfmaq_f32(s[j], d, d);
    }
  return vaddvq_f32(vaddq_f32(vaddq_f32(s[0], s[1]), vaddq_f32(s[2], s[3])));
}

// Sixteen products of at most 15 * 127 a lane stay below int16's limit before they are widened.
static int32_t code(const int8_t *query, const uint8_t *code, size_t blocks) {
  const uint8x16_t nibble = vdupq_n_u8(15);
  int32x4_t sum = vdupq_n_s32(0);
  for (size_t b = 0; b < blocks; b++, query += 128, code += 64) {
    int16x8_t p = vdupq_n_s16(0);
    for (size_t j = 0; j < 64; j += 16) {
      uint8x16_t c = vld1q_u8(code + j);
      int8x16_t low = vreinterpretq_s8_u8(vandq_u8(c, nibble)), high = vreinterpretq_s8_u8(vshrq_n_u8(c, 4));
      int8x16_t q0 = vld1q_s8(query + j), q1 = vld1q_s8(query + 64 + j);
      p = vmlal_s8(p, vget_low_s8(low), vget_low_s8(q0));
      p = vmlal_high_s8(p, low, q0);
      p = vmlal_s8(p, vget_low_s8(high), vget_low_s8(q1));
      p = vmlal_high_s8(p, high, q1);
    }
    sum = vpadalq_s16(sum, p);
  }
  return vaddvq_s32(sum);
}

#include "codes.h"
#include "row_by_row.h"

const cvk_kernels cvk_neon = {
  "neon", dot, squared_distance, dot_rows, squared_distance_rows, any_dot_above, any_squared_distance_below,
  code_rows, code_scan, cvk_gather_plain, cvk_offer_plain, code_select, squared_norm, rotate, quantize};
#endif
