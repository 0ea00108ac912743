#pragma once
#include <cblas.h>

// LAPACK's symmetric eigenvalues, which OpenBLAS has and cblas.h does not declare.
void ssyevd_(const char *job, const char *triangle, const int *order, float *matrix, const int *stride, float *values,
             float *work, const int *workSize, int *integers, const int *integersSize, int *info);
