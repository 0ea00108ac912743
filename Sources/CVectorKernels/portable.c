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

static void dot_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                     const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = dot(query, rows + ids[i] * stride, dimension);
}
static void squared_distance_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                                  const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = squared_distance(query, rows + ids[i] * stride, dimension);
}

static int any_dot_above(const float *query, const float *rows, size_t stride, size_t dimension,
                         const uint32_t *ids, size_t count, float bound) {
  return cvk_any_dot_above_with(dot_rows, query, rows, stride, dimension, ids, count, bound);
}

static int any_squared_distance_below(const float *query, const float *rows, size_t stride, size_t dimension,
                                      const uint32_t *ids, size_t count, float bound) {
  return cvk_any_squared_distance_below_with(squared_distance_rows, query, rows, stride, dimension, ids, count,
                                             bound);
}

static int32_t code(const int8_t *query, const uint8_t *code, size_t blocks) {
  int32_t sum = 0;
  for (size_t b = 0; b < blocks; b++, query += 128, code += 64)
    for (size_t j = 0; j < 64; j++) sum += query[j] * (code[j] & 15) + query[64 + j] * (code[j] >> 4);
  return sum;
}

static void code_rows(const int8_t *query, const uint8_t *codes, size_t blocks, const uint32_t *ids,
                      size_t count, int32_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = code(query, codes + (size_t)ids[i] * blocks * 64, blocks);
}
static void code_scan(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count, int32_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = code(query, codes + i * blocks * 64, blocks);
}

static size_t code_select(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count,
                          const float *residuals, float slope, float threshold, uint32_t first,
                          uint32_t *out) {
  return cvk_code_select_with(code_scan, query, codes, blocks, count, residuals, slope, threshold, first, out);
}

const cvk_kernels cvk_portable = {
  "portable", dot, squared_distance, dot_rows, squared_distance_rows, any_dot_above, any_squared_distance_below,
  code_rows, code_scan, cvk_gather_plain, cvk_offer_plain, code_select, squared_norm, rotate, quantize};
