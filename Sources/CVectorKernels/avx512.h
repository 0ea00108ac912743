// Body of the AVX-512 kernels, included once with and once without VNNI.
#include <immintrin.h>

#include "kernels.h"
#include "query.h"

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

// Folds the sixteen lanes of four sums into four totals at once, each in the same order: a third of the work of
// four reductions.
static inline __m128 fold4_ps(__m512 a, __m512 b, __m512 c, __m512 d) {
  __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
  __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
  __m512 lo = _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
  __m512 hi = _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd)));
  __m512 s = _mm512_add_ps(lo, hi);
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(s), _mm512_extractf32x8_ps(s, 1));
  return _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
}

static inline __m128 dot4(const float *query, const float *a, const float *b, const float *c, const float *d,
                          size_t dimension) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dimension; i += 16) {
    __m512 q = _mm512_loadu_ps(query + i);
    s0 = _mm512_fmadd_ps(q, _mm512_loadu_ps(a + i), s0);
    s1 = _mm512_fmadd_ps(q, _mm512_loadu_ps(b + i), s1);
    s2 = _mm512_fmadd_ps(q, _mm512_loadu_ps(c + i), s2);
    s3 = _mm512_fmadd_ps(q, _mm512_loadu_ps(d + i), s3);
  }
  return fold4_ps(s0, s1, s2, s3);
}

static inline __m512 step(__m512 sum, __m512 query, const float *row) {
  __m512 difference = _mm512_sub_ps(query, _mm512_loadu_ps(row));
  return _mm512_fmadd_ps(difference, difference, sum);
}

static inline __m128 squared_distance4(const float *query, const float *a, const float *b, const float *c,
                                       const float *d, size_t dimension) {
  __m512 s0 = _mm512_setzero_ps(), s1 = s0, s2 = s0, s3 = s0;
  for (size_t i = 0; i < dimension; i += 16) {
    __m512 q = _mm512_loadu_ps(query + i);
    s0 = step(s0, q, a + i);
    s1 = step(s1, q, b + i);
    s2 = step(s2, q, c + i);
    s3 = step(s3, q, d + i);
  }
  return fold4_ps(s0, s1, s2, s3);
}

#include "rows.h"

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

static inline __m128i four(const int8_t *query, const uint8_t *codes, size_t blocks) {
  size_t size = blocks * 64;
  return fold4(code(query, codes, blocks), code(query, codes + size, blocks),
               code(query, codes + 2 * size, blocks), code(query, codes + 3 * size, blocks));
}

static size_t code_select(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count,
                          const float *residuals, float slope, float threshold, uint32_t first,
                          uint32_t *out) {
  size_t found = 0, i = 0, size = blocks * 64;
  const __m512 slopes = _mm512_set1_ps(slope), thresholds = _mm512_set1_ps(threshold);
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (; i + 16 <= count; i += 16, codes += 16 * size) {
    __m512i dots = _mm512_castsi128_si512(four(query, codes, blocks));
    dots = _mm512_inserti32x4(dots, four(query, codes + 4 * size, blocks), 1);
    dots = _mm512_inserti32x4(dots, four(query, codes + 8 * size, blocks), 2);
    dots = _mm512_inserti32x4(dots, four(query, codes + 12 * size, blocks), 3);
    __m512 most = _mm512_fmadd_ps(slopes, _mm512_loadu_ps(residuals + i), _mm512_cvtepi32_ps(dots));
    __mmask16 kept = _mm512_cmp_ps_mask(most, thresholds, _CMP_NLT_UQ);
    if (kept) {
      __m512i numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(first + i)));
      _mm512_mask_compressstoreu_epi32(out + found, kept, numbers);
      found += (size_t)__builtin_popcount(kept);
    }
  }
  return found + cvk_code_select_with(code_scan, query, codes, blocks, count - i, residuals + i, slope,
                                      threshold, first + (uint32_t)i, out + found);
}

// Sorts up to eight words by counting, for each, those below it.
static inline void sort8(uint64_t *out, __m512i words, size_t count) {
  uint64_t from[8];
  uint64_t places[8];
  _mm512_storeu_si512(from, words);
  __m512i place = _mm512_setzero_si512();
  for (size_t i = 0; i < count; i++) {
    __mmask8 above = _mm512_cmpgt_epu64_mask(words, _mm512_set1_epi64((long long)from[i]));
    place = _mm512_mask_add_epi64(place, above, place, _mm512_set1_epi64(1));
  }
  _mm512_storeu_si512(places, place);
  for (size_t i = 0; i < count; i++) out[places[i]] = from[i];
}

// Merges up to eight sorted words into the pool from its end, so that every old word moves at most once and what is
// read has not just been written.
static inline size_t merge(cvk_pool *pool, const uint64_t *new, size_t j) {
  uint64_t *words = pool->words;
  size_t i = pool->count, total = i + j;
  for (; total > pool->capacity; total--) {
    size_t drops = i > 0 && words[i - 1] > new[j - 1];
    i -= drops;
    j -= 1 - drops;
  }
  pool->count = total;
  size_t taken = j;
  for (; j > 0; j--) {
    const __m512i x = _mm512_set1_epi64((long long)new[j - 1]);
    __mmask8 above = 0xFF;
    for (; i >= 8; i -= 8) {
      __m512i v = _mm512_loadu_si512(words + i - 8);
      above = _mm512_cmpgt_epu64_mask(v, x);
      _mm512_mask_storeu_epi64(words + i - 8 + j, above, v);
      if (above != 0xFF) break;
    }
    if (i < 8) {
      __mmask8 left = (__mmask8)((1 << i) - 1);
      __m512i v = _mm512_maskz_loadu_epi64(left, words);
      above = _mm512_mask_cmpgt_epu64_mask(left, v, x);
      _mm512_mask_storeu_epi64(words + j, above, v);
    }
    i -= (size_t)__builtin_popcount(above);
    words[i + j - 1] = new[j - 1];
  }
  if (taken > 0 && i < pool->cursor) pool->cursor = i;
  if (total == pool->capacity) pool->bound = words[total - 1];
  return taken;
}

static void offer(cvk_pool *pool, const uint32_t *keys, const uint32_t *slots, size_t count,
                  const uint32_t *links, size_t degree) {
  cvk_pool p = *pool;
  for (size_t i = 0; i < count; i += 8) {
    __mmask8 valid = count - i >= 8 ? 0xFF : (__mmask8)((1 << (count - i)) - 1);
    __m512i key = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(valid, keys + i));
    __m512i slot = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(valid, slots + i));
    __m512i word = _mm512_or_si512(_mm512_slli_epi64(key, 32), _mm512_slli_epi64(slot, 1));
    __mmask8 kept = _mm512_mask_cmplt_epu64_mask(valid, word, _mm512_set1_epi64((long long)p.bound));
    if (kept == 0) continue;
    size_t found = (size_t)__builtin_popcount(kept);
    uint64_t new[8];
    sort8(new, _mm512_mask_compress_epi64(_mm512_set1_epi64(-1), kept, word), found);
    found = merge(&p, new, found);
    if (links == NULL) continue;
    for (size_t j = 0; j < found; j++) cvk_request_links(links, new[j], degree);
  }
  *pool = p;
}
