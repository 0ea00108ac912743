#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,avx2,f16c"))), apply_to = function)
#define FG_SET avx512bf16
#define FG_FLOATS avx512
#define FG_BF16
#include "avx512.inc"
#pragma clang attribute pop
#endif
