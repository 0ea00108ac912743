/// Which source pixels, with which weights, make each pixel along one axis of a scaled picture.
struct ResizeFilter {
  private var starts: [Int] = []
  private var sources: [Int32] = []
  private var weights: [Float] = []

  /// A filter that scales `from` pixels to `to` pixels; both are positive.
  init(from: Int, to: Int) {
    let scale = Double(from) / Double(to)
    for target in 0..<to {
      starts.append(sources.count)
      if scale > 1 {
        addAverage(
          from: Double(target) * scale, to: min(Double(target + 1) * scale, Double(from)), limit: from)
      } else {
        addLinear(at: (Double(target) + 0.5) * scale - 0.5, limit: from)
      }
    }
    starts.append(sources.count)
  }

  private mutating func addAverage(from low: Double, to high: Double, limit: Int) {
    for source in Int(low)..<min(Int(high.rounded(.up)), limit) {
      let overlap = min(high, Double(source + 1)) - max(low, Double(source))
      if overlap > 1e-9 { add(source, overlap / (high - low)) }
    }
  }

  private mutating func addLinear(at position: Double, limit: Int) {
    let clamped = min(max(position, 0), Double(limit - 1))
    let low = Int(clamped)
    let fraction = clamped - Double(low)
    add(low, 1 - fraction)
    if fraction > 0 { add(low + 1, fraction) }
  }

  private mutating func add(_ source: Int, _ weight: Double) {
    sources.append(Int32(source))
    weights.append(Float(weight))
  }

  func taps(of target: Int) -> Range<Int> { starts[target]..<starts[target + 1] }
  func source(of tap: Int) -> Int { Int(sources[tap]) }
  func weight(of tap: Int) -> Float { weights[tap] }

  /// Scales one row of RGB pixels.
  func apply(to pixels: [UInt8], row: Int, width: Int, into line: inout [Float]) {
    pixels.withUnsafeBufferPointer { pixels in
      sources.withUnsafeBufferPointer { sources in
        weights.withUnsafeBufferPointer { weights in
          line.withUnsafeMutableBufferPointer { line in
            let base = row * width * 3
            for target in 0..<starts.count - 1 {
              var red: Float = 0
              var green: Float = 0
              var blue: Float = 0
              for tap in starts[target]..<starts[target + 1] {
                let offset = base + Int(sources[tap]) * 3
                let weight = weights[tap]
                red += Float(pixels[offset]) * weight
                green += Float(pixels[offset + 1]) * weight
                blue += Float(pixels[offset + 2]) * weight
              }
              line[target * 3] = red
              line[target * 3 + 1] = green
              line[target * 3 + 2] = blue
            }
          }
        }
      }
    }
  }
}
