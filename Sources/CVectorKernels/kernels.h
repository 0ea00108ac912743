#pragma once
#include "CVectorKernels.h"

extern const cvk_kernels cvk_portable;
#if defined(__x86_64__)
extern const cvk_kernels cvk_avx2, cvk_avx512, cvk_avx512vnni;
#elif defined(__aarch64__)
extern const cvk_kernels cvk_neon;
#endif

/// Takes one link that names a slot below the limit; 1 if it is new.
static inline size_t cvk_take(const cvk_frontier *f, uint32_t slot, uint32_t *out) {
  uint64_t bit = 1ull << (slot & 63), *word = f->visited + (slot >> 6), old = *word;
  *word = old | bit;
  __builtin_prefetch(f->read + slot * f->stride, 0, 3);
  *out = slot;
  return (old & bit) == 0;
}

/// The plain form of `cvk_gather`: every link is read atomically, since a writer may be changing the list.
static inline size_t cvk_gather_plain(const cvk_frontier *frontier, const uint32_t *links, size_t width,
                                      uint32_t *out) {
  size_t found = 0;
  for (size_t i = 0; i < width; i++) {
    uint32_t slot = __atomic_load_n(links + i, __ATOMIC_ACQUIRE) & 0x3FFFFFFF;
    if (slot < frontier->limit) found += cvk_take(frontier, slot, out + found);
  }
  return found;
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
