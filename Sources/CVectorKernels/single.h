// Kernels over many rows or codes by those over one. A file that has `dot`, `squared_distance` and `code` as static functions
// includes this behind them.
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
