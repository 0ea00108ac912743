#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <cpuid.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

#include "CNeuralKernels.h"
#include "team.h"

extern const fg_kernels fg_kernels_portable;
#ifdef __x86_64__
extern const fg_kernels fg_kernels_avx2, fg_kernels_avx512, fg_kernels_avx512bf16;

static fg_kernels amx;
static pthread_once_t amx_once = PTHREAD_ONCE_INIT;

/// Whether the kernel of the operating system lets this process use tiles, whose state it has to keep for each thread.
static bool tiles_permitted(void) {
#ifdef __linux__
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
  return false;
#endif
}

/// The set for AVX-512 with bfloat16, with tiles where they help.
static void make_amx(void) {
  unsigned a, b, c, d = 0;
  const unsigned bfloat16 = 1u << 22, tile = 1u << 24;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & bfloat16) == 0 || (d & tile) == 0 || !tiles_permitted()) return;
  amx = fg_kernels_avx512bf16;
  amx.name = "amx";
  amx.pointwise.run = fg_pointwise_amx;
}
#endif

const fg_kernels *fg_kernels_named(const char *name) {
#ifdef __x86_64__
  __builtin_cpu_init();
  const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                    && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const bool half = wide && __builtin_cpu_supports("avx512bf16");
  if (!strcmp(name, "amx")) {
    if (half) pthread_once(&amx_once, make_amx);
    return amx.name ? &amx : NULL;
  }
  if (!strcmp(name, "avx512bf16")) return half ? &fg_kernels_avx512bf16 : NULL;
  if (!strcmp(name, "avx512")) return wide ? &fg_kernels_avx512 : NULL;
  if (!strcmp(name, "avx2"))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &fg_kernels_avx2 : NULL;
#endif
  return strcmp(name, "portable") ? NULL : &fg_kernels_portable;
}

const fg_kernels *fg_kernels_best(void) {
  const char *forced = getenv("FACEGALLERY_ISA");
  const fg_kernels *named = forced ? fg_kernels_named(forced) : NULL;
  if (named) return named;
  const char *const names[] = {"amx", "avx512bf16", "avx512", "avx2", "portable"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const fg_kernels *set = fg_kernels_named(names[i]);
    if (set) return set;
  }
  return &fg_kernels_portable;
}

void fg_preprocess(const uint8_t *bytes, int height, int width, const int order[3], const float mean[3], const float scale[3],
                   float *destination, size_t rowStride) {
  const int o0 = order[0], o1 = order[1], o2 = order[2];
  const float m0 = mean[0], m1 = mean[1], m2 = mean[2], s0 = scale[0], s1 = scale[1], s2 = scale[2];
  for (int y = 0; y < height; y++) {
    const uint8_t *from = bytes + (size_t)y * width * 3;
    float *to = destination + y * rowStride;
    for (int x = 0; x < width; x++, from += 3, to += 3) {
      to[0] = ((float)from[o0] - m0) * s0;
      to[1] = ((float)from[o1] - m1) * s1;
      to[2] = ((float)from[o2] - m2) * s2;
    }
  }
}

void fg_scale(float *pixels, int height, int width, int channels, size_t rowStride, const float *scale,
              const float *shift) {
  for (int y = 0; y < height; y++) {
    float *row = pixels + y * rowStride;
    for (int x = 0; x < width; x++)
      for (int c = 0; c < channels; c++, row++) *row = *row * scale[c] + shift[c];
  }
}
