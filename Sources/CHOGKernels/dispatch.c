#include <stdlib.h>
#include <string.h>

#include "CHOGKernels.h"

extern const fg_hog_kernels fg_hog_kernels_portable;
#ifdef __x86_64__
extern const fg_hog_kernels fg_hog_kernels_avx2, fg_hog_kernels_avx512;
#endif

const fg_hog_kernels *fg_hog_kernels_named(const char *name) {
#ifdef __x86_64__
  __builtin_cpu_init();
  const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                   && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!strcmp(name, "avx512")) return wide ? &fg_hog_kernels_avx512 : NULL;
  if (!strcmp(name, "avx2"))
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &fg_hog_kernels_avx2 : NULL;
#endif
  return strcmp(name, "portable") ? NULL : &fg_hog_kernels_portable;
}

const fg_hog_kernels *fg_hog_kernels_best(void) {
  const char *forced = getenv("FACEGALLERY_ISA");
  // The neural kernels' widest set has no counterpart here.
  if (forced && (!strcmp(forced, "avx512bf16") || !strcmp(forced, "amx"))) forced = "avx512";
  const fg_hog_kernels *named = forced ? fg_hog_kernels_named(forced) : NULL;
  if (named) return named;
  const char *const names[] = {"avx512", "avx2", "portable"};
  for (int i = 0; i < 3; i++) {
    const fg_hog_kernels *set = fg_hog_kernels_named(names[i]);
    if (set) return set;
  }
  return &fg_hog_kernels_portable;
}

static int cells(int pixels) { return (int)((float)pixels / FG_HOG_CELL + 0.5f); }

static size_t rounded(size_t count, size_t step) { return (count + step - 1) / step * step; }

fg_hog_extent fg_hog_extent_of(int width, int height) {
  fg_hog_extent e = {cells(height) - 2, cells(width) - 2, 0};
  if (e.rows <= 0 || e.columns <= 0) return (fg_hog_extent){0, 0, 0};
  // A block of sixteen columns reads nine more.
  e.stride = (int)rounded(e.columns, 16) + 16;
  return e;
}

size_t fg_hog_scratch(int width, int height, const fg_hog_filters *filters) {
  const size_t columns = rounded(cells(width) + 2, 16) + 32, rows = cells(height) + 2;
  // Histograms, norms and two normalisers; magnitudes and orientations of eight rows.
  const size_t features = (18 * columns * rows + 3 * columns * rows + 8 * (rounded(width, 64) + 64) * 2) * 4;
  const size_t resize = (rounded(width, 64) + 64) * 32;
  size_t most = 0;
  for (int plane = 0; filters && plane < FG_HOG_PLANES; plane++) {
    const size_t count = filters->starts[plane + 1] - filters->starts[plane];
    if (count > most) most = count;
  }
  const size_t scan = most * (rows + 9) * 64;
  size_t bytes = features > resize ? features : resize;
  if (scan > bytes) bytes = scan;
  return rounded(bytes, 64) + 4096;
}
