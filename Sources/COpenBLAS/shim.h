#pragma once
#include <cblas.h>

// LAPACK's symmetric eigenvalues, which OpenBLAS has and cblas.h does not declare.
void ssyevd_(const char *job, const char *triangle, const int *order, float *matrix, const int *stride, float *values,
             float *work, const int *workSize, int *integers, const int *integersSize, int *info);

// Ends the threads that OpenBLAS started with the process. It is what OpenBLAS itself has called before every fork, and is not in
// cblas.h; other builds may have none.
int blas_thread_shutdown_(void) __attribute__((weak));

/// Computes on the callers' threads alone from here on.
static inline void fg_blas_use_one_thread(void) {
  // To set the number starts all threads again, whatever it is.
  if (openblas_get_num_threads() != 1) openblas_set_num_threads(1);
}

/// Ends the threads that OpenBLAS started, and starts none any more.
static inline void fg_blas_end_threads(void) {
  fg_blas_use_one_thread();
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
