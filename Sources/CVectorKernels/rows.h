// Rows four at a time, over a set's own `dot4` and `squared_distance4`; the last row stands in for those that are
// missing, so that a distance does not depend on its neighbours in the list.

#define CVK_ROW(i) (rows + ids[(i) < count ? (i) : count - 1] * stride)
#define CVK_FOUR(four, i) \
  four(query, CVK_ROW(i), CVK_ROW((i) + 1), CVK_ROW((i) + 2), CVK_ROW((i) + 3), dimension)

static inline void store(float *out, __m128 four, size_t count) {
  if (count >= 4) {
    _mm_storeu_ps(out, four);
  } else {
    float all[4];
    _mm_storeu_ps(all, four);
    for (size_t i = 0; i < count; i++) out[i] = all[i];
  }
}

static void dot_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                     const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i += 4) store(out + i, CVK_FOUR(dot4, i), count - i);
}

static void squared_distance_rows(const float *query, const float *rows, size_t stride, size_t dimension,
                                  const uint32_t *ids, size_t count, float *out) {
  for (size_t i = 0; i < count; i += 4) store(out + i, CVK_FOUR(squared_distance4, i), count - i);
}

static int any_dot_above(const float *query, const float *rows, size_t stride, size_t dimension,
                         const uint32_t *ids, size_t count, float bound) {
  for (size_t i = 0; i < count; i += 4)
    if (_mm_movemask_ps(_mm_cmpgt_ps(CVK_FOUR(dot4, i), _mm_set1_ps(bound)))) return 1;
  return 0;
}

static int any_squared_distance_below(const float *query, const float *rows, size_t stride, size_t dimension,
                                      const uint32_t *ids, size_t count, float bound) {
  for (size_t i = 0; i < count; i += 4)
    if (_mm_movemask_ps(_mm_cmplt_ps(CVK_FOUR(squared_distance4, i), _mm_set1_ps(bound)))) return 1;
  return 0;
}
