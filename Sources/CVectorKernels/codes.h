// Kernels over many codes by the one over one. A file that has `code` as a static function includes this behind it.
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
