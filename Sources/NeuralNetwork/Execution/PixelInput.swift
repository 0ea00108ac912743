internal import CNeuralKernels

/// The images of a run as height × width × channel, with the rim that the first convolution wants.
struct PixelInput {
  let memory: AlignedMemory
  let height: Int
  let width: Int
  let channels: Int
  /// What the pixels go through last, a value a channel.
  var affine: (scale: [Float], shift: [Float])?
  let top: Int
  let left: Int
  /// Extents with the rim.
  let outerHeight: Int
  let outerWidth: Int

  init(
    height: Int, width: Int, channels: Int, batch: Int, rim: SlidingWindow.Places? = nil
  ) throws(NetworkError) {
    self.height = height
    self.width = width
    self.channels = channels
    top = rim?.top ?? 0
    left = rim?.left ?? 0
    outerHeight = height + top + (rim?.bottom ?? 0)
    outerWidth = width + left + (rim?.right ?? 0)
    memory = try AlignedMemory(byteCount: batch * outerHeight * outerWidth * channels * 4)
  }

  /// Room of its own for as many images of the same kind.
  init(like other: PixelInput) throws(NetworkError) {
    (height, width, channels) = (other.height, other.width, other.channels)
    (top, left) = (other.top, other.left)
    affine = other.affine
    (outerHeight, outerWidth) = (other.outerHeight, other.outerWidth)
    memory = try AlignedMemory(byteCount: other.memory.count)
  }

  private func row(_ image: Int, _ y: Int) -> UnsafeMutablePointer<Float> {
    assert(y >= 0 && y < height && (image + 1) * outerHeight * outerWidth * channels * 4 <= memory.count)
    return memory.floats() + ((image * outerHeight + y + top) * outerWidth + left) * channels
  }

  /// Takes images as the network sees them, and then through x · scale + shift a channel.
  func fill(_ values: UnsafePointer<Float>, count: Int) {
    let length = width * channels
    for image in 0..<count {
      for y in 0..<height {
        row(image, y).update(from: values + (image * height + y) * length, count: length)
      }
    }
    scale(count)
  }

  /// Takes RGB bytes through the network's preprocessing.
  func fill(_ bytes: UnsafePointer<UInt8>, count: Int, _ preprocessing: Preprocessing) {
    assert(channels == 3, "photos have three channels")
    for image in 0..<count {
      fg_preprocess(
        bytes + image * height * width * 3, Int32(height), Int32(width), preprocessing.permutation,
        preprocessing.mean, preprocessing.factors, row(image, 0), outerWidth * channels)
    }
    scale(count)
  }

  private func scale(_ count: Int) {
    guard let affine else { return }
    for image in 0..<count {
      fg_scale(
        row(image, 0), Int32(height), Int32(width), Int32(channels), outerWidth * channels, affine.scale,
        affine.shift)
    }
  }
}
