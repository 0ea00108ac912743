#include <string.h>

#include "CNeuralKernels.h"

// Weights of a file on their way to the kernels' order. Baseline code: it waits for memory on every processor.

enum { SIDE = 16 };
typedef uint8_t bytes __attribute__((vector_size(SIDE)));

/// A square of 16 × 16 the other way round: row i is interleaved with row i + 8, four times.
static void turn(bytes square[SIDE]) {
  for (int round = 0; round < 4; round++) {
    bytes next[SIDE];
    for (int i = 0; i < SIDE / 2; i++) {
      const bytes a = square[i], b = square[i + SIDE / 2];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    memcpy(square, next, sizeof next);
  }
}

void fg_transpose_bytes(const uint8_t *from, size_t rows, size_t columns, uint8_t flip, int8_t *to) {
  for (size_t left = 0; left < columns; left += SIDE) {
    const size_t width = columns - left < SIDE ? columns - left : SIDE;
    for (size_t top = 0; top < rows; top += SIDE) {
      const size_t height = rows - top < SIDE ? rows - top : SIDE;
      if (width == SIDE && height == SIDE) {
        bytes square[SIDE];
        for (size_t row = 0; row < SIDE; row++) memcpy(&square[row], from + (top + row) * columns + left, SIDE);
        turn(square);
        for (size_t column = 0; column < SIDE; column++) {
          const bytes flipped = square[column] ^ flip;
          memcpy(to + (left + column) * rows + top, &flipped, SIDE);
        }
        continue;
      }
      for (size_t row = top; row < top + height; row++)
        for (size_t column = left; column < left + width; column++)
          to[column * rows + row] = (int8_t)(from[row * columns + column] ^ flip);
    }
  }
}

void fg_dequantize(const int8_t *restrict values, const float *restrict zeros, const float *restrict scales, float input,
                   const float *restrict outputs, size_t count, float *restrict to) {
#pragma STDC FP_CONTRACT OFF
  for (size_t i = 0; i < count; i++) to[i] = ((float)values[i] - zeros[i]) * scales[i] * input * outputs[i];
}
