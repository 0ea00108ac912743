#pragma once
#include <cblas.h>

// LAPACK's symmetric eigenvalues, which OpenBLAS has and cblas.h does not declare.
void ssyevd_(const char *job, const char *triangle, const int *order, float *matrix, const int *stride, float *values,
             float *work, const int *workSize, int *integers, const int *integersSize, int *info);

// Computes on the callers' threads alone from here on.
static inline void fg_blas_use_one_thread(void) {
  // To set the number starts all threads again, whatever it is.
  if (openblas_get_num_threads() != 1) openblas_set_num_threads(1);
}
