#pragma once
#include "CNeuralKernels.h"

/// The part of `count` pieces of work that falls to `rank`: [first, last).
static inline void fg_share(int count, int rank, int threads, int *first, int *last) {
  int base = count / threads, extra = count % threads;
  *first = rank * base + (rank < extra ? rank : extra);
  *last = *first + base + (rank < extra ? 1 : 0);
}
