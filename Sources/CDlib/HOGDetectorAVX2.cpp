// dlib's headers compiled a further time, under another namespace and for another instruction set.
//
// Whatever the standard library or the C library declares must be included before the attribute is pushed:
// an inline function compiled twice for different processors would be merged by the linker into either one.
#if defined(__x86_64__)
#include "StandardHeaders.hpp"

#include "HOGDetector.hpp"

#define DLIB_HAVE_SSE2
#define DLIB_HAVE_SSE3
#define DLIB_HAVE_SSE41
#define DLIB_HAVE_AVX
#define DLIB_HAVE_AVX2
#include <dlib/simd/simd_check.h>

#define dlib fg_dlib_for_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define FG_HOG_KERNEL hog_avx2
#define FG_HOG_NAME "avx2"
#include "HOGDetectorBody.hpp"
#pragma clang attribute pop
#endif
