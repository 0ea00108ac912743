#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FG_SET avx2
#define FG_LANES 8
#define FG_SHUFFLES
#include "kernels.inc"
#pragma clang attribute pop
#endif
