internal import Imaging

// What detectors do to pictures before they look at them.

extension RGBImage {
  var longerSide: Int { max(width, height) }

  func shrunkForSearch(to limit: Int) throws(EngineError) -> RGBImage {
    do {
      return try shrunk(toLongerSide: limit)
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }

  /// No photo is blown up beyond what memory should hold.
  static let mostEnlargedPixels = 400_000_000

  /// Refuses to blow a photo up beyond ``mostEnlargedPixels``.
  func checkEnlargedSize(upsampling: Int) throws(EngineError) {
    let pixels = (width * height) << (2 * upsampling)
    guard pixels <= Self.mostEnlargedPixels else {
      throw EngineError(
        .invalidOption,
        "Upsampling this photo \(upsampling) times makes \(pixels / 1_000_000) megapixels, and 400 are the "
          + "most; upsample it less or set a smaller maximum side.")
    }
  }
}

extension ReducedImage {
  /// ``finest()`` with the engine's errors.
  func whole() throws(EngineError) -> ReducedImage {
    do {
      return try finest()
    } catch {
      throw EngineError(.invalidInput, error.message)
    }
  }
}

extension PixelRect {
  package func scaled(by scale: Double) -> PixelRect {
    if scale == 1 { return self }
    func scaled(_ value: Int) -> Int { Int((Double(value) * scale).rounded()) }
    return PixelRect(x: scaled(x), y: scaled(y), width: scaled(width), height: scaled(height))
  }
}

extension PixelPoint {
  /// The place in a picture `scale` times as large: centres of pixels go to centres.
  func scaled(by scale: Double) -> PixelPoint {
    PixelPoint(x: (x + 0.5) * scale - 0.5, y: (y + 0.5) * scale - 0.5)
  }
}
