// Compares the NEON kernels with portable C. Freestanding, so that it needs neither an ARM machine's libraries nor its
// compiler: Scripts/test-neon.sh builds it and runs it under qemu.
#include "kernels.h"

enum { ROWS = 40, DIMENSION = 512, BLOCKS = 12, MOST = 37 };

static float rows[ROWS * DIMENSION], query[DIMENSION], ours[64], theirs[64];
static uint8_t codes[ROWS * BLOCKS * 64];
static int8_t code[BLOCKS * 128], levels[2][DIMENSION];
static int32_t products[2][64];
static uint32_t ids[64], found[2][64];
static int failures;

// MARK: What a C library would do

void *memmove(void *to, const void *from, size_t count) {
  char *a = to;
  const char *b = from;
  if (a < b) {
    for (size_t i = 0; i < count; i++) a[i] = b[i];
  } else {
    while (count-- > 0) a[count] = b[count];
  }
  return to;
}

void *memcpy(void *to, const void *from, size_t count) { return memmove(to, from, count); }

void *memset(void *to, int value, size_t count) {
  for (char *p = to; count > 0; count--) *p++ = (char)value;
  return to;
}

static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

static void print(const char *text) {
  long length = 0;
  while (text[length]) length++;
  call(64, 1, (long)text, length);
}

// MARK: Samples and checks

static uint64_t random_bits(void) {
  static uint64_t state = 1;
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static float gaussian(void) {
  float sum = 0;
  for (int i = 0; i < 12; i++) sum += (float)(random_bits() % 65536) / 65536;
  return sum - 6;
}

static void check(int holds, const char *what) {
  if (holds) return;
  if (failures++ < 20) {
    print("differs: ");
    print(what);
    print("\n");
  }
}

static int near(float a, float b, float scale) {
  float difference = a < b ? b - a : a - b;
  return difference <= 1e-4f * scale;
}

static void choose(size_t count) {
  for (size_t i = 0; i < count; i++) ids[i] = (uint32_t)(random_bits() % ROWS);
}

static void compare_rows(const cvk_kernels *neon, const cvk_kernels *plain, size_t dimension) {
  for (size_t i = 0; i < ROWS * dimension; i++) rows[i] = gaussian();
  for (size_t i = 0; i < dimension; i++) query[i] = gaussian();
  // Sums of products of numbers of about 1 are compared at their own scale.
  float scale = (float)dimension;
  for (size_t count = 0; count <= MOST; count++) {
    choose(count);
    neon->dot_rows(query, rows, dimension, dimension, ids, count, ours);
    plain->dot_rows(query, rows, dimension, dimension, ids, count, theirs);
    float bound = count > 0 ? ours[random_bits() % count] : 0;
    int is_above = 0;
    for (size_t i = 0; i < count; i++) {
      check(near(ours[i], theirs[i], scale), "dot_rows");
      is_above |= ours[i] > bound;
    }
    check(neon->any_dot_above(query, rows, dimension, dimension, ids, count, bound) == is_above, "any_dot_above");

    neon->squared_distance_rows(query, rows, dimension, dimension, ids, count, ours);
    plain->squared_distance_rows(query, rows, dimension, dimension, ids, count, theirs);
    bound = count > 0 ? ours[random_bits() % count] : 0;
    int is_below = 0;
    for (size_t i = 0; i < count; i++) {
      check(near(ours[i], theirs[i], scale), "squared_distance_rows");
      is_below |= ours[i] < bound;
    }
    check(neon->any_squared_distance_below(query, rows, dimension, dimension, ids, count, bound) == is_below,
          "any_squared_distance_below");
  }
  check(near(neon->dot(query, rows, dimension), plain->dot(query, rows, dimension), scale), "dot");
  check(near(neon->squared_distance(query, rows, dimension), plain->squared_distance(query, rows, dimension), scale),
        "squared_distance");

  float scales[2];
  int32_t sums[2];
  neon->quantize(query, dimension, levels[0], &scales[0], &sums[0]);
  plain->quantize(query, dimension, levels[1], &scales[1], &sums[1]);
  check(scales[0] == scales[1] && sums[0] == sums[1], "quantize");
  for (size_t i = 0; i < dimension; i++) check(levels[0][i] == levels[1][i], "quantize: levels");
}

static void compare_codes(const cvk_kernels *neon, const cvk_kernels *plain, size_t blocks, int is_extreme) {
  for (size_t i = 0; i < ROWS * blocks * 64; i++) codes[i] = is_extreme ? 255 : (uint8_t)random_bits();
  for (size_t i = 0; i < blocks * 128; i++) code[i] = is_extreme ? 127 : (int8_t)((int)(random_bits() % 255) - 127);
  for (size_t i = 0; i < ROWS; i++) ours[i] = gaussian();
  for (size_t count = 0; count <= MOST; count++) {
    choose(count);
    neon->code_rows(code, codes, blocks, ids, count, products[0]);
    plain->code_rows(code, codes, blocks, ids, count, products[1]);
    for (size_t i = 0; i < count; i++) check(products[0][i] == products[1][i], "code_rows");
    neon->code_scan(code, codes, blocks, count, products[0]);
    plain->code_scan(code, codes, blocks, count, products[1]);
    for (size_t i = 0; i < count; i++) check(products[0][i] == products[1][i], "code_scan");
    float threshold = (float)products[0][0];
    size_t one = neon->code_select(code, codes, blocks, count, ours, 100, threshold, 5, found[0]);
    size_t other = plain->code_select(code, codes, blocks, count, ours, 100, threshold, 5, found[1]);
    check(one == other, "code_select");
    for (size_t i = 0; i < one && one == other; i++) check(found[0][i] == found[1][i], "code_select: numbers");
  }
}

void _start(void) {
  const cvk_kernels *const *list;
  check(cvk_available(&list) == 2 && list[0] == &cvk_neon && list[1] == &cvk_portable, "available");
  for (size_t dimension = 16; dimension <= DIMENSION; dimension += 16)
    compare_rows(&cvk_neon, &cvk_portable, dimension);
  for (size_t blocks = 1; blocks <= BLOCKS; blocks++) {
    compare_codes(&cvk_neon, &cvk_portable, blocks, 0);
    compare_codes(&cvk_neon, &cvk_portable, blocks, 1);
  }
  print(failures == 0 ? "the NEON kernels agree with portable C\n" : "the NEON kernels differ from portable C\n");
  call(93, failures != 0, 0, 0);
}
