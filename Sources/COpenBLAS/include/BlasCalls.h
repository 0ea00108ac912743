#pragma once
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// Goes around every call of OpenBLAS, which computes in a buffer of its own, 128 MiB of addresses for each call that runs at
// the same time, and asks the system for it again and again without end when there is none.
//
// Returns whether there is a buffer for this call; if not, OpenBLAS must not be called, nor `fg_blas_end`. A call that is
// inside another would wait for itself.
bool fg_blas_begin(void);
void fg_blas_end(void);

#ifdef __cplusplus
}
#endif
