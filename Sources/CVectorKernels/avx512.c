#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)
#include "avx512.h"
#pragma clang attribute pop

const cvk_kernels cvk_avx512 = {
  "avx512", dot, squared_distance, dot_rows, squared_distance_rows, any_dot_above, any_squared_distance_below,
  code_rows, code_scan, cvk_gather_plain, offer, code_select, squared_norm, rotate, quantize};
#endif
