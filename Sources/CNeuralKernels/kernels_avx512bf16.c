#ifdef __x86_64__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma,avx2,f16c"))), apply_to = function)
#define FG_SET avx512bf16
#define FG_BF16
#define FG_BLOCK 16
/// Pixels and output blocks that the direct kernel keeps in registers.
#define FG_PIXELS 14
/// Vectors a panel, and rows, that the dense kernel keeps in registers.
#define FG_PANEL 4
#define FG_ROWS 6
/// What a group of Winograd tiles may take of the cache.
#ifndef FG_GROUP_BYTES
#define FG_GROUP_BYTES (768 << 10)
#endif
#include "kernels.inc"
#pragma clang attribute pop
#endif
