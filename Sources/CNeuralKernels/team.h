#pragma once
#include "CNeuralKernels.h"

/// The part of `count` pieces of work that falls to `rank`: [first, last).
static inline void fg_share(int count, int rank, int threads, int *first, int *last) {
  int base = count / threads, extra = count % threads;
  *first = rank * base + (rank < extra ? rank : extra);
  *last = *first + base + (rank < extra ? 1 : 0);
}

#ifdef __x86_64__
/// `pointwise.run` of the set for AVX-512 with bfloat16, by AMX.
void fg_pointwise_amx(const fg_pointwise *, const float *source, const void *weights, const float *bias,
                      const float *residual, float *destination, void *scratch, int threads);
#endif
