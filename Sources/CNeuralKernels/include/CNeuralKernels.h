#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Kernels of the inference runtime, compiled for several instruction sets and chosen at run time.
//
// An image activation is float32, blocked by channels: [image][channel / B][y][x][channel % B], B = `block` of the
// kernel set; channels past the last are zero. A vector activation is [image][channel] with a stated row stride.
// Work is split between threads by output, never inside a sum: every thread count gives the same bits.

/// Images of one activation. `channels` counts true channels; memory holds them rounded up to a block.
typedef struct {
  int count, channels, height, width;
} fg_shape;

/// What is done to the sums of a step last.
typedef enum { FG_AS_IT_IS, FG_RELU, FG_PRELU, FG_CLIP } fg_end_kind;
typedef struct {
  fg_end_kind kind;
  float low, high;      ///< Bounds of FG_CLIP.
  const float *slopes;  ///< One a channel for FG_PRELU, rounded up to whole blocks.
} fg_end;

/// A convolution without padding over blocked activations or, with `sourceBlock` < block, over NHWC.
typedef struct {
  int count, sourceHeight, sourceWidth;
  int sourceBlocks;  ///< Channel blocks of the source.
  int sourceBlock;   ///< Channels a source block: `block`, or the channels of NHWC.
  int outputBlocks, outputHeight, outputWidth;
  int kernelHeight, kernelWidth, strideY, strideX;
  fg_end end;
} fg_direct;

/// A convolution of each channel by itself over blocked activations; the places outside of the source are zero.
typedef struct {
  int count, blocks, sourceHeight, sourceWidth, outputHeight, outputWidth;
  int kernelHeight, kernelWidth, strideY, strideX, paddingTop, paddingLeft;
  fg_end end;
} fg_depthwise;

/// A convolution of 1×1 over blocked activations of `area` pixels an image.
typedef struct {
  int count, sourceBlocks, outputBlocks, area;
  fg_end end;
} fg_pointwise;

/// A dense layer: `outputs` rounded up to `densePanel` in memory.
typedef struct {
  int count, inputs, outputs, sourceStride, destinationStride;
  fg_end end;
} fg_dense;

/// Weights of a dense layer as bytes: value · scale + offset, a scale and an offset for each `block` inputs of an output.
typedef struct {
  const int8_t *values;          ///< [panel][input][densePanel].
  const float *scales, *offsets;  ///< [panel][block of inputs][densePanel].
  int block;
} fg_dense_bytes;

/// A pooling window; the places outside of the source never count, unless an average is over the padding's zeros as well.
typedef struct {
  int kernelHeight, kernelWidth, strideY, strideX, paddingTop, paddingLeft;
  bool average, padded;
  int paddingBottom, paddingRight;  ///< Places that count below and beside the source, where `padded`.
} fg_pool;

/// A 3×3 convolution of stride one over blocked activations.
typedef struct {
  int count, sourceBlocks, outputBlocks;
  int sourceHeight, sourceWidth, outputHeight, outputWidth;
  int paddingTop, paddingLeft;
  fg_end end;
} fg_winograd;

/// The Winograd kernels of one tile size, m×m.
typedef struct {
  /// Transforms HWIO kernels into (m + 2)² · blocks(inputs) · B · blocks(outputs) · B elements.
  void (*weights)(const float *hwio, int inputs, int outputs, bool half, void *to);
  /// Bytes of scratch memory that a run needs.
  size_t (*scratch)(const fg_winograd *, bool half, int threads);
  /// `residual`, of the destination's shape, is added before the end; it may be null or the destination.
  void (*run)(const fg_winograd *, bool half, const float *source, const void *weights, const float *bias,
              const float *residual, float *destination, void *scratch, int threads);
} fg_winograd_kernels;

/// The kernels for 1×1 in bfloat16, with float32 sums.
typedef struct {
  /// Bytes of the weights in the kernel's order.
  size_t (*weightBytes)(int inputs, int outputs);
  /// Puts weights of [input][output] in that order, into memory that is zero.
  void (*weights)(const float *kernel, int inputs, int outputs, void *to);
  /// Bytes of scratch memory that a run needs, at a cache line.
  size_t (*scratch)(const fg_pointwise *);
  /// `bias` is padded to an even number of blocks; `residual`, of the destination's shape, is added before the end; it may be null.
  void (*run)(const fg_pointwise *, const float *source, const void *weights, const float *bias, const float *residual,
              float *destination, void *scratch, int threads);
} fg_pointwise_kernels;

/// A step of Adam: `rate` is corrected for the moments' beginning at zero; weights are multiplied by `kept` first.
typedef struct {
  float beta1, beta2, epsilon, rate, kept;
} fg_adam;

/// A batch that is trained on, row by row.
typedef struct {
  int rows, units;
  float epsilon;  ///< What keeps the normalisation's root away from zero.
} fg_batch;

/// Kernels for one instruction set.
typedef struct {
  const char *name;
  /// The sets whose instructions multiply float32, and bfloat16 where no tiles do: a set adds to another one.
  const char *floatName, *pairName;
  int block;
  int densePanel;

  /// Weights are [output block][source block][y][x][source channel][output channel]; bias a block each.
  /// `residual`, of the destination's shape, is added before the end; it may be null.
  void (*direct)(const fg_direct *, const float *source, const float *weights, const float *bias,
                 const float *residual, float *destination, int threads);
  /// Weights are [block][y][x][channel]; bias a block each; `residual` as for `direct`.
  void (*depthwise)(const fg_depthwise *, const float *source, const float *weights, const float *bias,
                    const float *residual, float *destination, int threads);
  /// Weights are [panel][input][densePanel]; bias is padded to whole panels.
  void (*dense)(const fg_dense *, const float *source, const float *weights, const float *bias, float *destination,
                int threads);
  /// Weights as for `dense` in bfloat16.
  void (*denseHalf)(const fg_dense *, const float *source, const uint16_t *weights, const float *bias,
                    float *destination, int threads);
  /// Weights as bytes.
  void (*denseBytes)(const fg_dense *, const float *source, const fg_dense_bytes *weights, const float *bias,
                     float *destination, int threads);
  void (*pool)(const fg_pool *, fg_shape source, const float *from, fg_shape destination, float *to, int threads);
  /// destination = end(a + b), each padded with zeros at the far ends to the destination's shape.
  void (*add)(fg_shape a, const float *, fg_shape b, const float *, fg_shape destination, float *to,
              const fg_end *end, int threads);
  /// x = end(x · scale + shift) for each channel.
  void (*affine)(fg_shape shape, const float *source, const float *scale, const float *shift, float *destination,
                 const fg_end *end, int threads);
  /// Means over height and width: destination is [image][channel] with a row stride.
  void (*mean)(fg_shape shape, const float *source, float *destination, int destinationStride, int threads);
  /// Blocked to [image][y][x][channel], each image at a stride of `stride` floats.
  void (*unblock)(fg_shape shape, const float *source, float *destination, size_t stride, int threads);
  /// [image][y][x][channel] to blocked.
  void (*block_)(fg_shape shape, const float *source, float *destination, int threads);
  /// Blocked to [image][y][x][channel] of `count` channels from `first`, each image at a stride of `stride` floats.
  void (*rows)(fg_shape shape, const float *source, int first, int count, float *destination, size_t stride,
               int threads);
  /// Blocked to [image][channel][y][x], each image at a stride of `stride` floats.
  void (*toPlanes)(fg_shape shape, const float *source, float *destination, size_t stride, int threads);
  /// [image][channel][y][x], each image at a stride of `stride` floats, to blocked.
  void (*fromPlanes)(fg_shape shape, const float *source, size_t stride, float *destination, int threads);
  /// destination[y][x] = source[rows[y]][columns[x]] in every block.
  void (*select)(fg_shape source, const float *from, fg_shape destination, const int *rows, const int *columns,
                 float *to, int threads);
  /// Copies a blocked activation into the middle of a larger one whose rim stays zero.
  void (*pad)(fg_shape source, const float *from, fg_shape destination, int top, int left, float *to, int threads);

  /// Moves weights and their moments by derivatives, all in one pass over memory.
  void (*adam)(const fg_adam *, size_t count, const float *gradient, float *first, float *second, float *values);
  /// ReLU, normalisation by the batch's own mean and variance, and dropout by a mask, which may be null.
  void (*batchForward)(const fg_batch *, const float *source, const float *gamma, const float *beta, const float *mask,
                       float *mean, float *variance, float *inverse, float *normalized, float *output);
  /// The way back: `gradient`, by the outputs, becomes the one by the source.
  void (*batchBackward)(const fg_batch *, const float *source, const float *gamma, const float *mask,
                        const float *inverse, const float *normalized, float *gradient, float *byGamma, float *byBeta);
  /// The sum of each column.
  void (*columnSums)(const fg_batch *, const float *source, float *sums);
  /// The nearest half-precision numbers of values times `scale`; those beyond the largest become the largest.
  void (*toHalves)(size_t count, float scale, const float *source, uint16_t *to);
  /// Half-precision numbers times `scale`.
  void (*fromHalves)(size_t count, float scale, const uint16_t *source, float *to);

  /// Multiplies and adds in registers only: `rounds` times `peakOperations` operations, the most that one core can do.
  void (*peak)(long rounds, float *sink);
  int peakOperations;

  /// Whether `half` and `pointwise` multiply bfloat16 in pairs, in weights of two bytes; elsewhere they round to bfloat16
  /// and multiply float32.
  bool bfloat16;
  /// F(4×4, 3×3) and, for small images, F(2×2, 3×3).
  fg_winograd_kernels winograd4, winograd2;
  fg_pointwise_kernels pointwise;
} fg_kernels;

/// The set called `name` (amx, avx512bf16, avx512, avx2, portable); null when it cannot run here.
const fg_kernels *fg_kernels_named(const char *name);
/// The best set that this processor runs, or the one that $FACEGALLERY_ISA names, where it can run.
const fg_kernels *fg_kernels_best(void);

/// pixels[y][x][c] = (bytes[y][x][order[c]] − mean[c]) · scale[c], into a row of `stride` floats.
void fg_preprocess(const uint8_t *bytes, int height, int width, const int order[3], const float mean[3], const float scale[3],
                   float *destination, size_t rowStride);

/// pixels[y][x][c] = pixels[y][x][c] · scale[c] + shift[c], rows `rowStride` floats apart.
void fg_scale(float *pixels, int height, int width, int channels, size_t rowStride, const float *scale,
              const float *shift);

/// to[column][row] = from[row][column] with the bits of `flip` the other way.
void fg_transpose_bytes(const uint8_t *from, size_t rows, size_t columns, uint8_t flip, int8_t *to);

/// to[i] = (values[i] − zeros[i]) · scales[i] · input · outputs[i], rounded after each step: the same bits everywhere.
void fg_dequantize(const int8_t *values, const float *zeros, const float *scales, float input, const float *outputs,
                   size_t count, float *to);

/// The nearest bfloat16, ties to even.
static inline uint16_t fg_bfloat16(float value) {
  union {
    float f;
    uint32_t u;
  } bits = {value};
  return (uint16_t)((bits.u + 0x7fff + (bits.u >> 16 & 1)) >> 16);
}

/// The float32 of the nearest bfloat16.
static inline float fg_rounded(float value) {
  union {
    uint32_t u;
    float f;
  } bits = {(uint32_t)fg_bfloat16(value) << 16};
  return bits.f;
}

/// Runs `body(context, first, last, slot)` until all of `count` pieces of work are done once, on a team of threads that
/// persists between calls; `slot` < `threads` belongs to one thread meanwhile. When the team is taken, or a member does
/// not come to run, the caller does more, up to everything.
void fg_parallel(int threads, int count, void (*body)(void *context, int first, int last, int slot), void *context);
