#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "query.h"

static inline float sum8(__m256 v) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

static float dot(const float *a, const float *b, size_t dimension) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0;
  for (size_t i = 0; i < dimension; i += 16) {
    s0 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), s0);
    s1 = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), s1);
  }
  return sum8(_mm256_add_ps(s0, s1));
}

static float squared_distance(const float *a, const float *b, size_t dimension) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0;
  for (size_t i = 0; i < dimension; i += 16) {
    __m256 d0 = _mm256_sub_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i));
    __m256 d1 = _mm256_sub_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8));
    s0 = _mm256_fmadd_ps(d0, d0, s0);
    s1 = _mm256_fmadd_ps(d1, d1, s1);
  }
  return sum8(_mm256_add_ps(s0, s1));
}

// Folds the eight lanes of four sums into four totals, each in the same order.
static inline __m128 fold4(__m256 a, __m256 b, __m256 c, __m256 d) {
  __m256 s = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1));
}

static inline __m128 dot4(const float *query, const float *a, const float *b, const float *c, const float *d,
                          size_t dimension) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dimension; i += 8) {
    __m256 q = _mm256_loadu_ps(query + i);
    s0 = _mm256_fmadd_ps(q, _mm256_loadu_ps(a + i), s0);
    s1 = _mm256_fmadd_ps(q, _mm256_loadu_ps(b + i), s1);
    s2 = _mm256_fmadd_ps(q, _mm256_loadu_ps(c + i), s2);
    s3 = _mm256_fmadd_ps(q, _mm256_loadu_ps(d + i), s3);
  }
  return fold4(s0, s1, s2, s3);
}

static inline __m256 step(__m256 sum, __m256 query, const float *row) {
  __m256 difference = _mm256_sub_ps(query, _mm256_loadu_ps(row));
  return _mm256_fmadd_ps(difference, difference, sum);
}

static inline __m128 squared_distance4(const float *query, const float *a, const float *b, const float *c,
                                       const float *d, size_t dimension) {
  __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dimension; i += 8) {
    __m256 q = _mm256_loadu_ps(query + i);
    s0 = step(s0, q, a + i);
    s1 = step(s1, q, b + i);
    s2 = step(s2, q, c + i);
    s3 = step(s3, q, d + i);
  }
  return fold4(s0, s1, s2, s3);
}

#include "rows.h"

// Four products of at most 2 * 15 * 127 each stay far below int16's limit before they are widened.
static inline int32_t code(const int8_t *query, const uint8_t *code, size_t blocks) {
  const __m256i nibble = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
  __m256i sum = _mm256_setzero_si256();
  for (size_t b = 0; b < blocks; b++, query += 128, code += 64) {
    __m256i c0 = _mm256_loadu_si256((const __m256i *)code);
    __m256i c1 = _mm256_loadu_si256((const __m256i *)(code + 32));
    __m256i h0 = _mm256_and_si256(_mm256_srli_epi16(c0, 4), nibble);
    __m256i h1 = _mm256_and_si256(_mm256_srli_epi16(c1, 4), nibble);
    __m256i p = _mm256_maddubs_epi16(_mm256_and_si256(c0, nibble), _mm256_loadu_si256((const __m256i *)query));
    p = _mm256_add_epi16(p, _mm256_maddubs_epi16(_mm256_and_si256(c1, nibble),
                                                 _mm256_loadu_si256((const __m256i *)(query + 32))));
    p = _mm256_add_epi16(p, _mm256_maddubs_epi16(h0, _mm256_loadu_si256((const __m256i *)(query + 64))));
    p = _mm256_add_epi16(p, _mm256_maddubs_epi16(h1, _mm256_loadu_si256((const __m256i *)(query + 96))));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(p, ones));
  }
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
  return _mm_cvtsi128_si32(s);
}

#include "codes.h"

const cvk_kernels cvk_avx2 = {
  "avx2", dot, squared_distance, dot_rows, squared_distance_rows, any_dot_above, any_squared_distance_below,
  code_rows, code_scan, cvk_gather_plain, cvk_offer_plain, code_select, squared_norm, rotate, quantize};

#pragma clang attribute pop
#endif
