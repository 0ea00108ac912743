#pragma once
#include <cblas.h>

#include "BlasCalls.h"

// LAPACK's symmetric eigenvalues, which OpenBLAS has and cblas.h does not declare.
void ssyevd_(const char *job, const char *triangle, const int *order, float *matrix, const int *stride, float *values,
             float *work, const int *workSize, int *integers, const int *integersSize, int *info);

// Computes on the callers' threads alone from here on.
void fg_blas_use_one_thread(void);
