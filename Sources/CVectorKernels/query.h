// Preparation of a query, included by each set under its own target: the compiler fits the vectors to it.
#include <float.h>
#include <string.h>

#include "kernels.h"

typedef float cvk_float16 __attribute__((vector_size(64), aligned(4)));
typedef double cvk_double8 __attribute__((vector_size(64), aligned(8)));
typedef float cvk_float8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t cvk_int16 __attribute__((vector_size(64), aligned(4)));
typedef int8_t cvk_byte16 __attribute__((vector_size(16), aligned(1)));

static double squared_norm(const float *v, size_t dimension) {
  cvk_double8 sums = {0};
  double sum = 0;
  size_t i = 0;
  for (; i + 8 <= dimension; i += 8) {
    cvk_double8 x = __builtin_convertvector(*(const cvk_float8 *)(v + i), cvk_double8);
    sums += x * x;
  }
  for (; i < dimension; i++) sum += (double)v[i] * v[i];
  for (size_t j = 0; j < 8; j++) sum += sums[j];
  return sum;
}

// One step of the transform within sixteen floats: partners swap places, those in the upper half change sign.
#define CVK_STEP(x, half, ...) \
  (__builtin_shufflevector(x, x, __VA_ARGS__) + (x) * (cvk_float16){CVK_SIGNS_##half})
#define CVK_SIGNS_1 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1
#define CVK_SIGNS_2 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1
#define CVK_SIGNS_4 1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1
#define CVK_SIGNS_8 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1

static void transform(float *v, size_t block, float norm) {
  size_t half = 1;
  if (block >= 16) {
    for (size_t i = 0; i < block; i += 16) {
      cvk_float16 x = *(cvk_float16 *)(v + i);
      x = CVK_STEP(x, 1, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
      x = CVK_STEP(x, 2, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
      x = CVK_STEP(x, 4, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
      x = CVK_STEP(x, 8, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
      *(cvk_float16 *)(v + i) = x;
    }
    for (half = 16; half < block; half *= 2)
      for (size_t i = 0; i < block; i += 2 * half)
        for (size_t j = i; j < i + half; j += 16) {
          cvk_float16 *a = (cvk_float16 *)(v + j), *b = (cvk_float16 *)(v + j + half), x = *a, y = *b;
          *a = x + y;
          *b = x - y;
        }
  } else {
    for (; half < block; half *= 2)
      for (size_t i = 0; i < block; i += 2 * half)
        for (size_t j = i; j < i + half; j++) {
          float x = v[j], y = v[j + half];
          v[j] = x + y;
          v[j + half] = x - y;
        }
  }
  for (size_t i = 0; i < block; i++) v[i] *= norm;
}

static void rotate(float *v, const float *signs, size_t dimension, size_t start, size_t block, float norm) {
  for (size_t i = 0; i < dimension; i++) v[i] *= signs[i];
  transform(v + start, block, norm);
}

static float quantize(const float *v, size_t dimension, int8_t *code, float *scale, int32_t *sum) {
  cvk_float16 most = {0}, errors = {0};
  for (size_t i = 0; i < dimension; i += 16)
    most = __builtin_elementwise_max(most, __builtin_elementwise_abs(*(const cvk_float16 *)(v + i)));
  float largest = 0, error = 0;
  for (size_t j = 0; j < 16; j++) largest = most[j] > largest ? most[j] : largest;
  *scale = largest / 127;
  *sum = 0;
  // Below the least normal number the inverse would overflow; such a query has no direction to speak of.
  if (!(*scale >= FLT_MIN)) {
    *scale = 0;
    memset(code, 0, dimension);
    return 0;
  }
  // Adding and taking off 1.5 · 2^23 rounds to the nearest integer.
  const float inverse = 1 / *scale, magic = 12582912;
  cvk_int16 sums = {0};
  for (size_t i = 0; i < dimension; i += 16) {
    cvk_float16 x = *(const cvk_float16 *)(v + i), level = x * inverse;
    level = level + magic;
    level = level - magic;
    level = __builtin_elementwise_min(__builtin_elementwise_max(level, (cvk_float16){0} - 127), (cvk_float16){0} + 127);
    cvk_float16 delta = x - level * *scale;
    errors += delta * delta;
    cvk_int16 whole = __builtin_convertvector(level, cvk_int16);
    sums += whole;
    *(cvk_byte16 *)(code + i) = __builtin_convertvector(whole, cvk_byte16);
  }
  for (size_t j = 0; j < 16; j++) {
    error += errors[j];
    *sum += sums[j];
  }
  return error;
}
