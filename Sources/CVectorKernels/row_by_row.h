// Kernels over many rows by those over one. A file that has `dot` and `squared_distance` as static functions includes this behind
// them; rows.h goes four rows at a time.
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
