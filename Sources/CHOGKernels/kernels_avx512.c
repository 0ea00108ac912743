#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))), apply_to = function)
#define FG_SET avx512
#define FG_LANES 16
#define FG_SHUFFLES
#include "kernels.inc"
#pragma clang attribute pop
#endif
