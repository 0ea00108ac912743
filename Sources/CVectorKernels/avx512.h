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

// Sorts eight words by a bitonic network.
static inline __m512i sort8(__m512i x) {
#define CVK_EXCHANGE(partner, greater)                                                  \
  {                                                                                     \
    __m512i y = partner;                                                                \
    x = _mm512_mask_max_epu64(_mm512_min_epu64(x, y), greater, x, y);                   \
  }
  CVK_EXCHANGE(_mm512_shuffle_epi32(x, 0x4E), 0x66)
  CVK_EXCHANGE(_mm512_permutex_epi64(x, 0x4E), 0x3C)
  CVK_EXCHANGE(_mm512_shuffle_epi32(x, 0x4E), 0x5A)
  CVK_EXCHANGE(_mm512_shuffle_i64x2(x, x, 0x4E), 0xF0)
  CVK_EXCHANGE(_mm512_permutex_epi64(x, 0x4E), 0xCC)
  CVK_EXCHANGE(_mm512_shuffle_epi32(x, 0x4E), 0xAA)
#undef CVK_EXCHANGE
  return x;
}

// How many of sorted words are below one: no branch depends on them.
static inline size_t count_below(const uint64_t *words, size_t count, uint64_t word) {
  const uint64_t *low = words;
  while (count > 8) {
    size_t half = count / 2;
    low = __builtin_unpredictable(low[half - 1] < word) ? low + half : low;
    count -= half;
  }
  __mmask8 left = (__mmask8)((1 << count) - 1);
  __mmask8 below = _mm512_mask_cmplt_epu64_mask(left, _mm512_loadu_si512(low), _mm512_set1_epi64((long long)word));
  return (size_t)(low - words) + (size_t)__builtin_popcount(below);
}

// Merges the first `count` of eight words into the pool and requests the links of those that have room. Marks say
// where they go; then every eight words from the last on are put together from old and new ones, without a branch
// that depends on them.
static inline void merge(cvk_pool *pool, __m512i words8, size_t count, const uint32_t *links, size_t degree) {
  uint64_t *words = pool->words, new[8];
  const __m512i sorted = sort8(words8), lanes = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
  _mm512_storeu_si512(new, sorted);
  size_t taken = 0, first = SIZE_MAX;
  for (; taken < count; taken++) {
    size_t place = count_below(words, pool->count, new[taken]) + taken;
    if (place >= pool->capacity) break;
    first = place < first ? place : first;
    pool->marks[place / 8] |= (uint8_t)(1 << place % 8);
  }
  size_t total = pool->count + taken;
  if (total > pool->capacity) total = pool->capacity;
  pool->count = total;
  if (first < pool->cursor) pool->cursor = first;
  size_t before = taken;
  for (size_t block = (total + 7) / 8; before > 0;) {
    block--;
    __mmask8 mark = pool->marks[block];
    pool->marks[block] = 0;
    before -= (size_t)__builtin_popcount(mark);
    __m512i from = _mm512_add_epi64(_mm512_maskz_expand_epi64(mark, lanes), _mm512_set1_epi64((long long)before));
    __m512i old = _mm512_loadu_si512(words + block * 8 - before);
    __m512i both = _mm512_mask_permutexvar_epi64(_mm512_maskz_expand_epi64((__mmask8)~mark, old), mark, from, sorted);
    _mm512_storeu_si512(words + block * 8, both);
  }
  if (total == pool->capacity) pool->bound = words[total - 1];
  if (links == NULL) return;
  for (size_t i = 0; i < taken; i++) cvk_request_links(links, new[i], degree);
}

static inline __m512i words8(__m256i keys, __m256i slots) {
  return _mm512_or_si512(_mm512_slli_epi64(_mm512_cvtepu32_epi64(keys), 32),
                         _mm512_slli_epi64(_mm512_cvtepu32_epi64(slots), 1));
}

static void offer(cvk_pool *pool, const uint32_t *keys, const uint32_t *slots, size_t count,
                  const uint32_t *links, size_t degree) {
  cvk_pool p = *pool;
  for (size_t i = 0; i < count; i += 16) {
    __mmask16 valid = count - i >= 16 ? 0xFFFF : (__mmask16)((1 << (count - i)) - 1);
    __m512i key = _mm512_maskz_loadu_epi32(valid, keys + i), slot = _mm512_maskz_loadu_epi32(valid, slots + i);
    __mmask16 kept = _mm512_mask_cmple_epu32_mask(valid, key, _mm512_set1_epi32((int)(p.bound >> 32)));
    if (kept == 0) continue;
    size_t found = (size_t)__builtin_popcount(kept);
    // What is missing of eight comes last.
    key = _mm512_mask_compress_epi32(_mm512_set1_epi32(-1), kept, key);
    slot = _mm512_mask_compress_epi32(_mm512_set1_epi32(-1), kept, slot);
    merge(&p, words8(_mm512_castsi512_si256(key), _mm512_castsi512_si256(slot)), found < 8 ? found : 8, links, degree);
    if (found <= 8) continue;
    merge(&p, words8(_mm512_extracti64x4_epi64(key, 1), _mm512_extracti64x4_epi64(slot, 1)), found - 8, links, degree);
  }
  *pool = p;
}
