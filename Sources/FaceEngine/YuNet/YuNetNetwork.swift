internal import Imaging
internal import NeuralNetwork

/// YuNet's network, for pictures of any size. One thread at a time.
package final class YuNetNetwork {
  /// SHA-256 of its weights, in hexadecimal.
  let weightsDigest: String
  private let run: (RGBImage) throws(EngineError) -> [YuNetOutput.Level]

  private let describe: (_ width: Int, _ height: Int) throws(EngineError) -> [LayerDescription]

  /// - Parameters:
  ///   - describe: What each step runs for pictures of a size.
  ///   - run: Runs the network on a picture whose sides are multiples of 32.
  init(
    weightsDigest: String,
    describe: @escaping (Int, Int) throws(EngineError) -> [LayerDescription] = { _, _ in [] },
    run: @escaping (RGBImage) throws(EngineError) -> [YuNetOutput.Level]
  ) {
    (self.weightsDigest, self.describe, self.run) = (weightsDigest, describe, run)
  }

  /// What each step runs for pictures of a size, whose sides are multiples of 32.
  func steps(width: Int, height: Int) throws(EngineError) -> [LayerDescription] {
    try describe(width, height)
  }

  /// The network halves the picture five times: sides are filled up to a multiple of this, with black.
  static let cell = 32

  /// The most pixels that it takes: its largest layer has four numbers for each, and may have 2²⁸.
  static let mostPixels = 1 << 26

  /// The faces in a picture of at least a score, surest first.
  func candidates(in image: RGBImage, minimumScore: Float) throws(EngineError) -> [YuNetOutput.Candidate] {
    func padded(_ side: Int) -> Int { (side + Self.cell - 1) / Self.cell * Self.cell }
    let picture = image.framed(
      left: 0, top: 0, width: padded(image.width), height: padded(image.height))
    return YuNetOutput.faces(try run(picture), columns: picture.width, minimumScore: minimumScore)
  }
}
