// Body of the AVX-512 kernels, included once with and once without VNNI.
#include <immintrin.h>

#include "kernels.h"

static float dot(const float *a, const float *b, size_t dimension) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0;
  size_t i = 0;
  for (; i + 32 <= dimension; i += 32) {
    s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
    s1 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), s1);
  }
  if (i < dimension) s0 = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), s0);
  return _mm512_reduce_add_ps(_mm512_add_ps(s0, s1));
}

static float squared_distance(const float *a, const float *b, size_t dimension) {
  __m512 s = _mm512_setzero_ps();
  for (size_t i = 0; i < dimension; i += 16) {
    __m512 d = _mm512_sub_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i));
    s = _mm512_fmadd_ps(d, d, s);
  }
  return _mm512_reduce_add_ps(s);
}

static void dot_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                     const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = dot(query, rows + ids[i] * stride, dimension);
}

static void squared_distance_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                                  const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = squared_distance(query, rows + ids[i] * stride, dimension);
}

static inline __m512i product(__m512i sum, __m512i code, __m512i query) {
#ifdef CVK_VNNI
  return _mm512_dpbusd_epi32(sum, code, query);
#else
  return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(code, query), _mm512_set1_epi16(1)));
#endif
}

static inline __m512i code(const int8_t *query, const uint8_t *code, size_t blocks) {
  const __m512i nibble = _mm512_set1_epi8(15);
  __m512i sum = _mm512_setzero_si512();
  for (size_t b = 0; b < blocks; b++, query += 128, code += 64) {
    __m512i c = _mm512_loadu_si512(code);
    sum = product(sum, _mm512_and_si512(c, nibble), _mm512_loadu_si512(query));
    sum = product(sum, _mm512_and_si512(_mm512_srli_epi16(c, 4), nibble), _mm512_loadu_si512(query + 64));
  }
  return sum;
}

// Folds the sixteen lanes of four sums into four totals at once: a third of the work of four reductions.
static inline __m128i fold4(__m512i a, __m512i b, __m512i c, __m512i d) {
  __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  __m512i s = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
  __m256i h = _mm256_add_epi32(_mm512_castsi512_si256(s), _mm512_extracti64x4_epi64(s, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
}

static void code_rows(const int8_t *query, const uint8_t *codes, size_t blocks, const uint32_t *ids,
                      size_t count, int32_t *out) {
  size_t i = 0, size = blocks * 64;
  for (; i + 4 <= count; i += 4) {
    __m512i a = code(query, codes + ids[i] * size, blocks);
    __m512i b = code(query, codes + ids[i + 1] * size, blocks);
    __m512i c = code(query, codes + ids[i + 2] * size, blocks);
    __m512i d = code(query, codes + ids[i + 3] * size, blocks);
    _mm_storeu_si128((__m128i *)(out + i), fold4(a, b, c, d));
  }
  if (i < count) {
    size_t left = count - i;
    __m512i a = code(query, codes + ids[i] * size, blocks);
    __m512i b = left > 1 ? code(query, codes + ids[i + 1] * size, blocks) : a;
    __m512i c = left > 2 ? code(query, codes + ids[i + 2] * size, blocks) : a;
    _mm_mask_storeu_epi32(out + i, (1 << left) - 1, fold4(a, b, c, a));
  }
}

static void code_scan(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count, int32_t *out) {
  size_t i = 0, size = blocks * 64;
  for (; i + 4 <= count; i += 4, codes += 4 * size) {
    __m512i a = code(query, codes, blocks), b = code(query, codes + size, blocks);
    __m512i c = code(query, codes + 2 * size, blocks), d = code(query, codes + 3 * size, blocks);
    _mm_storeu_si128((__m128i *)(out + i), fold4(a, b, c, d));
  }
  for (; i < count; i++, codes += size) out[i] = _mm512_reduce_add_epi32(code(query, codes, blocks));
}

// The sanitizer does not know that an aligned vector load reads each word of a list atomically on x86.
#if defined(__has_feature) && __has_feature(thread_sanitizer)
#define gather cvk_gather_plain
#else
static size_t gather(const cvk_frontier *f, const uint32_t *links, size_t width, uint32_t *out) {
  const __m512i flags = _mm512_set1_epi32(0x3FFFFFFF), limit = _mm512_set1_epi32((int)f->limit);
  uint32_t fresh[16];
  size_t found = 0;
  for (size_t i = 0; i < width; i += 16) {
    __mmask16 within = width - i < 16 ? (__mmask16)((1u << (width - i)) - 1) : 0xFFFF;
    __m512i slots = _mm512_and_si512(_mm512_maskz_loadu_epi32(within, links + i), flags);
    within = _mm512_mask_cmplt_epu32_mask(within, slots, limit);
    __m512i words = _mm512_mask_i32gather_epi32(flags, within, _mm512_srli_epi32(slots, 5), f->visited, 4);
    __m512i bits = _mm512_srlv_epi32(words, _mm512_and_si512(slots, _mm512_set1_epi32(31)));
    __mmask16 is_new = _mm512_mask_testn_epi32_mask(within, bits, _mm512_set1_epi32(1));
    _mm512_storeu_si512(fresh, _mm512_maskz_compress_epi32(is_new, slots));
    // Taken one by one, so that a slot that a list shows twice while it is rewritten counts once.
    for (int n = _mm_popcnt_u32(is_new), j = 0; j < n; j++) found += cvk_take(f, fresh[j], out + found);
  }
  return found;
}
#endif
