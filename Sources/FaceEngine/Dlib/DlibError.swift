internal import CDlib

/// From the shim's codes to ``EngineError``.
enum DlibError {
  static func check(
    _ status: Int32, _ message: fg_dlib_message, loading weights: WeightsFile? = nil
  ) throws(EngineError) {
    if status == FG_DLIB_OK { return }
    let text = message.string
    if status == FG_DLIB_OUT_OF_MEMORY && weights == nil {
      throw EngineError(
        .outOfMemory,
        "There is not enough memory to look at this picture; make it smaller or upsample it less.")
    }
    if let weights {
      throw EngineError(
        .invalidWeights,
        "The weights file \(weights.path) is damaged or of another network (\(text)).", weights: weights.path)
    }
    throw EngineError(.internalFailure, "dlib reports: \(text).")
  }

  static func unwrap(_ pointer: OpaquePointer?) throws(EngineError) -> OpaquePointer {
    guard let pointer else { throw EngineError(.internalFailure, "dlib gave no object and no reason.") }
    return pointer
  }
}

extension fg_dlib_message {
  /// The sentence as a string.
  var string: String {
    withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
