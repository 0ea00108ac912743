extension UInt8 {
  /// The value as it is seen through on white: `value * alpha + 255 * (255 - alpha)`, rounded.
  func onWhite(alpha: UInt8) -> UInt8 {
    if alpha == 255 { return self }
    let opacity = Int(alpha)
    let seen = Int(self) * opacity + 255 * (255 - opacity)
    return UInt8((seen + 127) / 255)
  }
}

extension RGBImage {
  /// A picture of `width * height` pixels of red, green, blue and alpha, laid on white.
  init(width: Int, height: Int, onWhite rgba: [UInt8]) {
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      rgba.withUnsafeBufferPointer { rgba in
        for pixel in 0..<width * height {
          let alpha = rgba[pixel * 4 + 3]
          for channel in 0..<3 {
            target[pixel * 3 + channel] = rgba[pixel * 4 + channel].onWhite(alpha: alpha)
          }
        }
      }
      count = target.count
    }
    self.init(uncheckedWidth: width, height: height, pixels: pixels)
  }
}
