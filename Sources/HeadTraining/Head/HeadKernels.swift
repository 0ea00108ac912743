internal import CNeuralKernels

/// The kernels of this processor.
enum HeadKernels {
  /// The best set that it runs.
  static var best: fg_kernels { fg_kernels_best().pointee }
}
