#pragma once
#include <cblas.h>

// LAPACK's symmetric eigenvalues, which OpenBLAS has and cblas.h does not declare.
void ssyevd_(const char *job, const char *triangle, const int *order, float *matrix, const int *stride, float *values,
             float *work, const int *workSize, int *integers, const int *integersSize, int *info);

// Ends the threads that OpenBLAS started with the process; it starts them again when it needs some. It is what OpenBLAS itself
// has called before every fork, and is not in cblas.h. Other builds may have none.
int blas_thread_shutdown_(void) __attribute__((weak));

static inline void fg_blas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}
