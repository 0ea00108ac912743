extension Network {
  /// The image size that the network is meant for: the one on record or, where a side is free, the first square that
  /// every layer accepts, 224 before the others.
  ///
  /// VGG16's convolutions take any size; the dense layer behind them fixes it: 25088 inputs mean 224 × 224.
  ///
  /// - Throws: `NetworkError.Code.wrongInput` when no square from 32 to 1024 fits, as for a network of oblong images
  ///   whose size is not on record.
  public func preferredSize() throws(NetworkError) -> (height: Int, width: Int) {
    if let height = input.height, let width = input.width { return (height, width) }
    for side in [224] + Array(stride(from: 32, through: 1024, by: 32)) + Array(32..<256) {
      let (height, width) = (input.height ?? side, input.width ?? side)
      if (try? shapes(height: height, width: width)) != nil { return (height, width) }
    }
    // What 224 is refused for is the best reason to give.
    _ = try shapes(height: input.height ?? 224, width: input.width ?? 224)
    throw NetworkError(.wrongInput, "No image size fits the network.")
  }
}
