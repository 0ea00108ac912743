internal import CDlib
package import Imaging

/// dlib's face recognition ResNet: 29 convolutions, 150 × 150 RGB to 128 numbers.
/// (He et al., "Deep Residual Learning", 2016; trained by D. King, 2017.)
package final class DlibResNetEmbedder: FaceEmbedder {
  private let handle: OpaquePointer
  package let weightsDigest: String

  /// Reads the network from `dlib_face_recognition_resnet_model_v1.dat`.
  package init(weights: WeightsFile) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    let status = fg_dlib_resnet_create(weights.path, &made, &message)
    try DlibError.check(status, message, loading: weights)
    handle = try DlibError.unwrap(made)
    weightsDigest = weights.digest
  }

  /// A second network with the same weights, for another thread.
  package init(copying other: DlibResNetEmbedder) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    try DlibError.check(fg_dlib_resnet_copy(other.handle, &made, &message), message)
    handle = try DlibError.unwrap(made)
    weightsDigest = other.weightsDigest
  }

  deinit { fg_dlib_resnet_destroy(handle) }

  package var preprocessing: String { "rgb, (value - (122.782, 117.001, 104.298)) / 256" }
  package var chipSide: Int { 150 }
  package var dimension: Int { 128 }

  /// Chips go through the network one by one: dlib's batches are 10 % faster, but give other last bits than
  /// single chips do, and the same photo must always give the same embedding.
  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    var descriptors = [Float](repeating: 0, count: chips.count * dimension)
    for (index, chip) in chips.enumerated() {
      guard chip.width == chipSide, chip.height == chipSide else {
        throw EngineError(
          .invalidInput,
          "An aligned face has \(chipSide) × \(chipSide) pixels, not \(chip.width) × \(chip.height).")
      }
      var message = fg_dlib_message()
      let status = descriptors.withUnsafeMutableBufferPointer { target in
        fg_dlib_resnet_embed(
          handle, chip.pixels, target.baseAddress.map { $0 + index * dimension }, &message)
      }
      try DlibError.check(status, message)
    }
    return descriptors
  }
}
