#include "kernels.h"
#include "query.h"

// Sixteen partial sums, as wide as the widest vector unit, let the compiler vectorise without reordering.
static float pair(const float *a, const float *b, size_t dimension, int squared) {
  float sum[16] = {0};
  for (size_t i = 0; i < dimension; i += 16)
    for (size_t j = 0; j < 16; j++) {
      float x = a[i + j], y = b[i + j];
      sum[j] += squared ? (x - y) * (x - y) : x * y;
    }
  for (size_t width = 8; width > 0; width /= 2)
    for (size_t j = 0; j < width; j++) sum[j] += sum[j + width];
  return sum[0];
}

static float dot(const float *a, const float *b, size_t dimension) { return pair(a, b, dimension, 0); }
static float squared_distance(const float *a, const float *b, size_t dimension) {
  return pair(a, b, dimension, 1);
}

static int32_t code(const int8_t *query, const uint8_t *code, size_t blocks) {
  int32_t sum = 0;
  for (size_t b = 0; b < blocks; b++, query += 128, code += 64)
    for (size_t j = 0; j < 64; j++) sum += query[j] * (code[j] & 15) + query[64 + j] * (code[j] >> 4);
  return sum;
}

#include "codes.h"
#include "row_by_row.h"

const cvk_kernels cvk_portable = {
  "portable", dot, squared_distance, dot_rows, squared_distance_rows, any_dot_above, any_squared_distance_below,
  code_rows, code_scan, cvk_gather_plain, cvk_offer_plain, code_select, squared_norm, rotate, quantize};
