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
