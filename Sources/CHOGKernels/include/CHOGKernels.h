#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels of the HOG face detector, compiled for several instruction sets and chosen at run time: bilinear resizing,
// histograms of oriented gradients after Felzenszwalb et al. (2010) with dlib's arithmetic, and separable filters.

#ifdef __cplusplus
extern "C" {
#endif

enum {
  FG_HOG_CELL = 8,      ///< Pixels on a side of a cell.
  FG_HOG_PLANES = 31,   ///< Features a cell: 18 signed orientations, 9 unsigned, 4 textures.
  FG_HOG_TAPS = 10,     ///< Cells on a side of a filter.
  FG_HOG_MARGIN = 64,   ///< Readable bytes before and after every plane of a picture.
};

/// A picture in three planes; `stride` bytes a row, at least 64 more than the width.
typedef struct {
  int width, height;
  size_t stride;
  uint8_t *planes[3];
} fg_hog_picture;

/// Rows and columns of cells that have features, and the distance of rows in memory, in floats.
///
/// Features are [plane][row][column] over rows + 9 and columns + 9: four zero cells before, five behind.
typedef struct {
  int rows, columns, stride;
} fg_hog_extent;

/// Separable filters, those of one plane together; `starts` has 32 entries.
typedef struct {
  int detectors, count;
  const int *starts;
  const int *detector;            ///< Which detector each filter belongs to.
  const float (*rows)[FG_HOG_TAPS];
  const float (*columns)[FG_HOG_TAPS];
} fg_hog_filters;

/// The extent of a picture's features; no rows or columns when it is too small to have any.
fg_hog_extent fg_hog_extent_of(int width, int height);
/// Bytes of scratch memory that the kernels need for pictures up to a size.
size_t fg_hog_scratch(int width, int height, const fg_hog_filters *filters);

/// Kernels for one instruction set. `scratch` has fg_hog_scratch bytes, at a multiple of 64.
typedef struct {
  const char *name;
  /// RGB bytes without gaps to planes.
  void (*split)(const uint8_t *rgb, fg_hog_picture to);
  /// dlib's bilinear interpolation, bit for bit: corners fall on corners, values are cut off.
  void (*resize)(fg_hog_picture from, fg_hog_picture to, void *scratch);
  /// The features of a picture, [plane][row][column] with the padding of `fg_hog_extent`.
  void (*features)(fg_hog_picture from, fg_hog_extent extent, float *features, void *scratch);
  /// scores[detector][row][column], rows of `extent.stride` floats: each detector's sum of filters over the 10 × 10 cells
  /// that begin there, padding counted.
  void (*scan)(const fg_hog_filters *filters, fg_hog_extent extent, const float *features, float *scores, void *scratch);
} fg_hog_kernels;

/// The set called `name` (avx512, avx2, portable); null when it cannot run here.
const fg_hog_kernels *fg_hog_kernels_named(const char *name);
/// The best set that this processor runs, or the one that $FACEGALLERY_ISA names, where it can run.
const fg_hog_kernels *fg_hog_kernels_best(void);

#ifdef __cplusplus
}
#endif
