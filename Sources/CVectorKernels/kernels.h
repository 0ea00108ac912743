#pragma once
#include "CVectorKernels.h"

extern const cvk_kernels cvk_portable;
#if defined(__x86_64__)
extern const cvk_kernels cvk_avx2, cvk_avx512, cvk_avx512vnni;
#elif defined(__aarch64__)
extern const cvk_kernels cvk_neon;
#endif
