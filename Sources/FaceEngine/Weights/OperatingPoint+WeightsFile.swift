public import Foundation
internal import NeuralNetwork
internal import Support

/// Operating points in the metadata of our weights files, and in the notes beside ONNX files.
extension OperatingPoint {
  /// The key of a weights file's metadata under which its operating point is kept, as JSON.
  ///
  /// - Parameter augmentation: Which pictures of a face it was measured with.
  public static func metadataKey(_ augmentation: EngineAugmentation = .none) -> String {
    augmentation == .none ? "operating_point" : "operating_point_" + augmentation.rawValue
  }

  /// Stores the operating point in a weights file of our own format, or in the `.json` beside an ONNX file; weights stay as they
  /// are, and galleries made with the file valid.
  ///
  /// - Parameter augmentation: Which pictures of a face it was measured with.
  /// - Throws: ``EngineError`` with code `invalidWeights` when the file is of another format, damaged, or cannot be
  ///   written.
  public func store(
    inWeightsFile url: URL, augmentation: EngineAugmentation = .none
  ) throws(EngineError) {
    let key = Self.metadataKey(augmentation)
    if url.pathExtension == "json" { return try NetworkNotes.store(self, key, in: url) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(self) else {
      throw EngineError(.internalFailure, "The operating point cannot be written as JSON.")
    }
    do {
      try NetworkFile.annotate(url, with: [key: String(decoding: json, as: UTF8.self)])
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
  }

  /// Checks that ``store(inWeightsFile:augmentation:)`` can write into a file, before anything is measured: the file is of a format that
  /// keeps operating points, and its folder takes the new one.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights`.
  public static func checkStore(inWeightsFile url: URL) throws(EngineError) {
    if url.pathExtension == "json" { return try NetworkNotes.checkStore(in: url) }
    do {
      try NetworkFile.checkAnnotating(url)
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
  }

  /// The operating point in a weights file's annotations; nil when there is none.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when it cannot be read.
  init?(
    annotations: [String: String], _ augmentation: EngineAugmentation, file: String
  ) throws(EngineError) {
    guard let text = annotations[Self.metadataKey(augmentation)] else { return nil }
    do {
      self = try JSONDecoder().decode(OperatingPoint.self, from: Data(text.utf8))
    } catch {
      throw EngineError(
        .invalidWeights,
        "The operating point in \(file) cannot be read; calibrate the engine again.")
    }
  }
}
