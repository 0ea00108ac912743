#pragma once
#include <string.h>

#include "CVectorKernels.h"

extern const cvk_kernels cvk_portable;
#if defined(__x86_64__)
extern const cvk_kernels cvk_avx2, cvk_avx512, cvk_avx512vnni;
#elif defined(__aarch64__)
extern const cvk_kernels cvk_neon;
#endif

/// The plain form of `cvk_gather`: every link is read atomically, since a writer may be changing the list.
static inline size_t cvk_gather_plain(const cvk_frontier *frontier, uint32_t owner, const uint32_t *links,
                                      size_t width, uint32_t *out) {
  // Copies, since the compiler must assume that marking a slot changes the frontier.
  const cvk_frontier f = *frontier;
  size_t found = 0;
  for (size_t i = 0; i < width; i++) {
    uint32_t slot = __atomic_load_n(links + i, __ATOMIC_ACQUIRE) & 0x3FFFFFFF;
    // Gaps in a list cannot be predicted: they stand for the owner, which is not taken again.
    slot = slot < f.limit ? slot : owner;
    uint64_t bit = 1ull << (slot & 63), *word = f.visited + (slot >> 6), old = *word;
    *word = old | bit;
    __builtin_prefetch(f.read + slot * f.stride, 0, 3);
    out[found] = slot;
    found += (old & bit) == 0;
  }
  return found;
}

/// The plain forms of `cvk_any_closer` over a set's own `dot_rows` and `squared_distance_rows`.
static inline int cvk_any_dot_above_with(cvk_rows dots, const float *query, const float *rows, size_t stride,
                                         size_t dimension, const uint32_t *ids, size_t count, float bound) {
  float out[8];
  for (size_t i = 0; i < count; i += 8) {
    size_t n = count - i < 8 ? count - i : 8;
    dots(query, rows, stride, dimension, ids + i, n, out);
    for (size_t j = 0; j < n; j++)
      if (out[j] > bound) return 1;
  }
  return 0;
}

static inline int cvk_any_squared_distance_below_with(cvk_rows distances, const float *query, const float *rows,
                                                      size_t stride, size_t dimension, const uint32_t *ids,
                                                      size_t count, float bound) {
  float out[8];
  for (size_t i = 0; i < count; i += 8) {
    size_t n = count - i < 8 ? count - i : 8;
    distances(query, rows, stride, dimension, ids + i, n, out);
    for (size_t j = 0; j < n; j++)
      if (out[j] < bound) return 1;
  }
  return 0;
}

/// Requests the links of a word's slot.
static inline void cvk_request_links(const uint32_t *links, uint64_t word, size_t degree) {
  const uint32_t *list = links + ((uint32_t)word >> 1) * degree;
  for (size_t i = 0; i < degree; i += 16) __builtin_prefetch(list + i, 0, 3);
}

/// The plain form of `cvk_offer`.
static inline void cvk_offer_plain(cvk_pool *pool, const uint32_t *keys, const uint32_t *slots, size_t count,
                                   const uint32_t *links, size_t degree) {
  uint64_t *words = pool->words;
  for (size_t n = 0; n < count; n++) {
    uint64_t word = cvk_word(keys[n], slots[n]);
    if (word >= pool->bound) continue;
    // A full pool loses its last word.
    size_t i = pool->count == pool->capacity ? pool->count - 1 : pool->count++, low = 0;
    // New candidates tend to belong near the end, where the few that come before are moved one by one.
    while (i - low > 8) {
      size_t middle = (low + i) / 2;
      if (words[middle] < word) {
        low = middle + 1;
      } else {
        memmove(words + middle + 1, words + middle, (i - middle) * sizeof *words);
        i = middle;
      }
    }
    for (; i > low && words[i - 1] > word; i--) words[i] = words[i - 1];
    words[i] = word;
    if (i < pool->cursor) pool->cursor = i;
    if (pool->count == pool->capacity) pool->bound = words[pool->count - 1];
    if (links != NULL) cvk_request_links(links, word, degree);
  }
}

/// The plain form of `cvk_code_select` over a set's own `code_scan`.
static inline size_t cvk_code_select_with(cvk_code_scan scan, const int8_t *query, const uint8_t *codes,
                                          size_t blocks, size_t count, const float *residuals, float slope,
                                          float threshold, uint32_t first, uint32_t *out) {
  int32_t dots[256];
  size_t found = 0;
  for (size_t begin = 0; begin < count; begin += 256) {
    size_t n = count - begin < 256 ? count - begin : 256;
    scan(query, codes + begin * blocks * 64, blocks, n, dots);
    for (size_t i = 0; i < n; i++) {
      out[found] = first + (uint32_t)(begin + i);
      found += !((float)dots[i] + slope * residuals[begin + i] < threshold);
    }
  }
  return found;
}
