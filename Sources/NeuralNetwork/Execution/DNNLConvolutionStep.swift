internal import CDNNL

/// A convolution by oneDNN, which always computes the whole batch of its plan.
final class DNNLConvolutionStep: PlanStep {
  private let handle: OpaquePointer
  private let source: Slot
  private let destination: Slot
  private let name: String
  let kernel: String
  let scratch: Int
  /// The handle keeps where its operands are.
  let isShareable = false

  /// Plans the primitive; nil when oneDNN has no such kernel.
  init?(
    _ layer: Convolution, name: String, source: Slot, destination: Slot, places: SlidingWindow.Places,
    relu: Bool, winograd: Bool, batch: Int, threads: Int, block: Int
  ) {
    guard block >= 8 else { return nil }
    var parameters = CDNNL_ConvolutionParameters()
    parameters.batch = Int32(batch)
    parameters.inputChannels = Int32(layer.inputChannels)
    parameters.inputHeight = Int32(source.height)
    parameters.inputWidth = Int32(source.width)
    parameters.outputChannels = Int32(layer.outputChannels)
    parameters.outputHeight = Int32(destination.height)
    parameters.outputWidth = Int32(destination.width)
    parameters.kernelHeight = Int32(layer.window.height)
    parameters.kernelWidth = Int32(layer.window.width)
    parameters.strideY = Int32(layer.window.strideY)
    parameters.strideX = Int32(layer.window.strideX)
    parameters.paddingTop = Int32(places.top)
    parameters.paddingLeft = Int32(places.left)
    parameters.paddingBottom = Int32(places.bottom)
    parameters.paddingRight = Int32(places.right)
    parameters.block = Int32(block)
    parameters.relu = relu
    parameters.algorithm = winograd ? CDNNL_WINOGRAD : CDNNL_DIRECT
    parameters.threads = Int32(threads)
    guard let handle = CDNNL_convolution_create(&parameters, layer.kernelOIHW, layer.bias) else { return nil }
    self.handle = handle
    self.source = source
    self.destination = destination
    self.name = name
    kernel = "oneDNN " + String(cString: CDNNL_convolution_kernel(handle))
    scratch = CDNNL_convolution_scratch(handle)
  }

  deinit { CDNNL_convolution_destroy(handle) }

  func run(_ memory: PlanMemory) throws(NetworkError) {
    let status = CDNNL_convolution_run(
      handle, memory.floats(source), memory.floats(destination), memory.scratch)
    guard status == 0 else {
      throw NetworkError(.executionFailed, "oneDNN failed in layer \(name) with status \(status).")
    }
  }
}

extension Convolution {
  /// The kernel as output × input × height × width.
  fileprivate var kernelOIHW: [Float] {
    let (inputs, outputs, taps) = (inputChannels, outputChannels, window.height * window.width)
    let values = kernel.values
    var result = [Float](repeating: 0, count: values.count)
    for tap in 0..<taps {
      for input in 0..<inputs {
        for output in 0..<outputs {
          result[(output * inputs + input) * taps + tap] =
            values[(tap * inputs + input) * outputs + output]
        }
      }
    }
    return result
  }
}
