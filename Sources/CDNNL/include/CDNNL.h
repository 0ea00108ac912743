#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// oneDNN convolutions behind plain C: one handle a layer, planned once, run without allocation.

/// How the products of a convolution are formed.
typedef enum { CDNNL_DIRECT, CDNNL_WINOGRAD } CDNNL_Algorithm;

/// A convolution for one input shape. Activations are float32 in blocks of `block` channels
/// (nChw16c or nChw8c); with `plainInput` the source is NCHW.
typedef struct {
  int batch, inputChannels, inputHeight, inputWidth;
  int outputChannels, outputHeight, outputWidth;
  int kernelHeight, kernelWidth, strideY, strideX;
  int paddingTop, paddingLeft, paddingBottom, paddingRight;
  int block;
  bool plainInput;
  bool relu;        ///< Applies ReLU to the result, after the addition if there is one.
  bool accumulate;  ///< Adds the result to what the destination holds.
  CDNNL_Algorithm algorithm;
  int threads;
} CDNNL_ConvolutionParameters;

typedef struct CDNNL_Convolution CDNNL_Convolution;

/// Plans a convolution and reorders its weights (OIHW, `bias` one value a channel). Null when oneDNN has no such kernel.
CDNNL_Convolution *CDNNL_convolution_create(
    const CDNNL_ConvolutionParameters *parameters, const float *weights, const float *bias);
void CDNNL_convolution_destroy(CDNNL_Convolution *convolution);

/// Bytes of scratch memory that a run needs.
size_t CDNNL_convolution_scratch(const CDNNL_Convolution *convolution);
/// The name of oneDNN's implementation, such as `jit:avx512_core`.
const char *CDNNL_convolution_kernel(const CDNNL_Convolution *convolution);
/// Runs the convolution; 0 or oneDNN's status. One run at a time a handle.
int CDNNL_convolution_run(CDNNL_Convolution *convolution, const float *source, float *destination, void *scratch);

/// The version of the library that is linked, such as `2.6.3`.
const char *CDNNL_version(void);
/// The widest instruction set that oneDNN is allowed to use, as its enum's value.
int CDNNL_instruction_set(void);
