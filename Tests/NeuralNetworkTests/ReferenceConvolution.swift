import NeuralNetwork

/// A convolution as its definition says, in double: slow, and nothing like the kernels.
enum ReferenceConvolution {
  static func result(
    _ layer: Convolution, _ input: [Float], height: Int, width: Int, top: Int, left: Int, outputHeight: Int,
    outputWidth: Int
  ) -> [Double] {
    let (inputs, outputs) = (layer.inputChannels, layer.outputChannels)
    var result = [Double](repeating: 0, count: outputHeight * outputWidth * outputs)
    for y in 0..<outputHeight {
      for x in 0..<outputWidth {
        for output in 0..<outputs {
          var sum = Double(layer.bias[output])
          for ky in 0..<layer.window.height {
            for kx in 0..<layer.window.width {
              let (v, u) = (y * layer.window.strideY + ky - top, x * layer.window.strideX + kx - left)
              guard (0..<height).contains(v), (0..<width).contains(u) else { continue }
              for channel in 0..<inputs {
                let weight = layer.kernel.values[
                  ((ky * layer.window.width + kx) * inputs + channel) * outputs + output]
                sum += Double(weight) * Double(input[(v * width + u) * inputs + channel])
              }
            }
          }
          result[(y * outputWidth + x) * outputs + output] = sum
        }
      }
    }
    return result
  }
}
