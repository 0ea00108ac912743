// Distance kernels of VectorIndex. Every set computes the same thing; the fastest that the machine runs is
// chosen at start. Rows of floats are padded to a multiple of 16, codes to a multiple of 64 bytes.
#pragma once
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes of one block of a 4-bit code: 128 dimensions. Byte j holds dimension j in its low nibble and
/// dimension 64 + j in its high nibble.
enum { CVK_CODE_BLOCK = 64 };

typedef float (*cvk_pair)(const float *a, const float *b, size_t dimension);
typedef void (*cvk_rows)(const float *query, const float *rows, size_t stride, size_t dimension,
                         const uint32_t *ids, size_t count, float *out);
/// Whether one of the rows named by `ids` is closer to the query than `bound`: its inner product above, or its
/// squared distance below.
typedef int (*cvk_any_closer)(const float *query, const float *rows, size_t stride, size_t dimension,
                              const uint32_t *ids, size_t count, float bound);
typedef void (*cvk_code_rows)(const int8_t *query, const uint8_t *codes, size_t blocks,
                              const uint32_t *ids, size_t count, int32_t *out);
typedef void (*cvk_code_scan)(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count,
                              int32_t *out);

/// What a graph search knows while it reads link lists.
typedef struct cvk_frontier {
  /// One bit a slot: seen by this search.
  uint64_t *visited;
  /// Where each slot's part that traversal reads begins, and how far apart.
  const uint8_t *read;
  size_t stride;
  /// Slots below this may be read.
  uint32_t limit;
} cvk_frontier;

/// Copies to `out` the slots of `owner`'s link list that have not been seen, marks them seen and requests what
/// traversal reads of them. The owner has been seen. The upper two bits of a link are flags; empty links lie above
/// every limit.
typedef size_t (*cvk_gather)(const cvk_frontier *frontier, uint32_t owner, const uint32_t *links, size_t width,
                             uint32_t *out);

/// The closest candidates of a graph search, sorted: distance, slot and whether it has been expanded in a word each.
typedef struct cvk_pool {
  /// Room for `capacity` words and eight more.
  uint64_t *words;
  /// A bit for each word, zero between calls.
  uint8_t *marks;
  size_t capacity, count;
  /// Every candidate before this one has been expanded.
  size_t cursor;
  /// Words at or above this are not taken.
  uint64_t bound;
} cvk_pool;

static inline uint64_t cvk_word(uint32_t key, uint32_t slot) { return (uint64_t)key << 32 | (uint64_t)slot << 1; }

/// Offers `count` new candidates to a pool and requests the lists of those that it takes, `degree` links each from
/// `links` on, unless that is null.
typedef void (*cvk_offer)(cvk_pool *pool, const uint32_t *keys, const uint32_t *slots, size_t count,
                          const uint32_t *links, size_t degree);

/// Copies to `out` the numbers, from `first`, of those of `count` consecutive codes whose integer product plus
/// `slope` times their residual reaches `threshold`. A product that is not a number reaches it.
typedef size_t (*cvk_code_select)(const int8_t *query, const uint8_t *codes, size_t blocks, size_t count,
                                  const float *residuals, float slope, float threshold, uint32_t first,
                                  uint32_t *out);

/// Sum of squares of any number of floats.
typedef double (*cvk_squared_norm)(const float *v, size_t dimension);

/// Multiplies `dimension` floats by signs, then transforms `block` of them (a power of two) from `start` on by
/// Walsh and Hadamard and multiplies those by `norm`. Every set gives the same bits.
typedef void (*cvk_rotate)(float *v, const float *signs, size_t dimension, size_t start, size_t block,
                           float norm);

/// Rounds a row, whose length is a multiple of 16, to int8 levels of width `scale`; gives the levels' sum and
/// returns the squared length of what they leave out. A row of zeros has scale 0.
typedef float (*cvk_quantize)(const float *v, size_t dimension, int8_t *code, float *scale, int32_t *sum);

typedef struct cvk_kernels {
  const char *name;
  /// Inner product and squared distance of two rows; `dimension` is a multiple of 16.
  cvk_pair dot, squared_distance;
  /// The same between a query and the rows named by `ids`, `stride` floats apart.
  cvk_rows dot_rows, squared_distance_rows;
  cvk_any_closer any_dot_above, any_squared_distance_below;
  /// Integer inner product of an int8 query and the 4-bit codes named by `ids`.
  cvk_code_rows code_rows;
  /// The same over `count` consecutive codes.
  cvk_code_scan code_scan;
  cvk_gather gather;
  cvk_offer offer;
  cvk_code_select code_select;
  cvk_squared_norm squared_norm;
  cvk_rotate rotate;
  cvk_quantize quantize;
} cvk_kernels;

/// The sets that this machine can run, fastest first; the last is portable C.
size_t cvk_available(const cvk_kernels *const **list);

static inline void cvk_prefetch(const void *p) { __builtin_prefetch(p, 0, 3); }

/// Requests every cache line of a row of floats.
static inline void cvk_prefetch_row(const float *row, size_t stride) {
  for (size_t i = 0; i < stride; i += 16) __builtin_prefetch(row + i, 0, 3);
}

static inline uint32_t cvk_load_acquire(const uint32_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void cvk_store_release(uint32_t *p, uint32_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
/// Whether all of `count` bytes, from an address that is a multiple of 8, have a value.
static inline int cvk_all_equal(const uint8_t *p, size_t count, uint8_t value) {
  const uint64_t *words = (const uint64_t *)p;
  const uint64_t pattern = 0x0101010101010101ull * value;
  uint64_t difference = 0;
  size_t i = 0;
  for (; i < count / 8; i++) difference |= __atomic_load_n(words + i, __ATOMIC_ACQUIRE) ^ pattern;
  for (i *= 8; i < count; i++) difference |= __atomic_load_n(p + i, __ATOMIC_ACQUIRE) ^ value;
  return difference == 0;
}
static inline uint8_t cvk_load_byte(const uint8_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void cvk_store_byte(uint8_t *p, uint8_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }

/// Whether two rows of `dimension` floats, a multiple of 16, are the same bit by bit.
static inline int cvk_same_row(const float *a, const float *b, size_t dimension) {
  const uint64_t *x = (const uint64_t *)a, *y = (const uint64_t *)b;
  for (size_t i = 0; i < dimension / 2; i += 8) {
    uint64_t differing = 0;
    for (size_t j = i; j < i + 8; j++) differing |= x[j] ^ y[j];
    if (differing) return 0;
  }
  return 1;
}

/// Starts a thread on another core than the caller's, and lets it go where it may from there.
///
/// A virtual machine's system takes idle cores for taken ones (KVM reports a halted one as preempted) and puts a new
/// thread behind the one that made it, for the 4 ms and more until it looks again: longer than most of our work.
/// Returns what `pthread_create` does.
int cvk_start_thread(pthread_t *thread, void *(*body)(void *), void *argument);

/// Moves whole pages of one mapping to another place of the address space, over whatever lies there: nothing is copied.
/// Returns 0 or an error's number; the pages then are where they were.
int cvk_move_pages(void *from, void *to, size_t bytes);
