#include "kernels.h"

size_t cvk_available(const cvk_kernels *const **list) {
  static const cvk_kernels *found[4];
  size_t count = 0;
  // Racing first calls write the same pointers, so no lock is needed.
#if defined(__x86_64__)
  __builtin_cpu_init();
  int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (wide && __builtin_cpu_supports("avx512vnni")) found[count++] = &cvk_avx512vnni;
  if (wide) found[count++] = &cvk_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found[count++] = &cvk_avx2;
#elif defined(__aarch64__)
  found[count++] = &cvk_neon;
#endif
  found[count++] = &cvk_portable;
  *list = found;
  return count;
}
