/// How large the pictures are that a detector looks at when the options say so.
package struct SearchSize: Sendable, Hashable {
  /// The longer side to which a photo is shrunk before it is enlarged, unless the options say otherwise.
  package var standardSide: Int
  /// The most pixels that can be looked at at a time.
  package var mostPixels: Int
  /// Sides are filled up to a multiple of this.
  package var cell = 1

  /// For engines of which nothing is known: as large as any detector's.
  package static let unknown = SearchSize(standardSide: 4_096, mostPixels: .max)

  /// The pixels of the largest picture that is looked at of a photo.
  ///
  /// - Throws: ``EngineError`` `invalidOption` when there are more than ``mostPixels``.
  package func pixels(
    ofWidth width: Int, height: Int, _ options: DetectionOptions
  ) throws(EngineError) -> Int {
    let longer = max(width, height, 1)
    let limit = options.detectFaces ? options.maximumSide ?? standardSide : longer
    let doublings = options.detectFaces ? min(max(options.upsampling ?? 0, 0), 4) : 0
    let scale = Double(limit) / Double(longer)
    func searched(_ side: Int) -> Int {
      let shrunk = limit < longer ? Int((Double(side) * scale).rounded()) : side
      return ((max(1, shrunk) << doublings) + cell - 1) / cell * cell
    }
    let (pixels, isTooMuch) = searched(width).multipliedReportingOverflow(by: searched(height))
    guard !isTooMuch, pixels <= mostPixels else {
      throw EngineError(
        .invalidOption,
        "The photo of \(width) × \(height) pixels would be searched at \(searched(width)) × \(searched(height)), and "
          + "\(mostPixels / 1_000_000) megapixels are the most; upsample it less (upsampling) or set a smaller side "
          + "(search_side).")
    }
    return pixels
  }
}

extension DetectionOptions {
  /// Whether it is said how large photos are searched.
  package var hasSearchSize: Bool { detectFaces && (upsampling != nil || maximumSide != nil) }
}
