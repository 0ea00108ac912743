public import Foundation
internal import NeuralNetwork

/// Operating points in the metadata of our weights files.
extension OperatingPoint {
  /// The key of a weights file's metadata under which its operating point is kept, as JSON.
  public static let metadataKey = "operating_point"

  /// Stores the operating point in a weights file of our own format, which keeps its weights; galleries made with the
  /// file stay valid.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when the file is of another format, damaged, or cannot be
  ///   written.
  public func store(inWeightsFile url: URL) throws(EngineError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(self) else {
      throw EngineError(.internalFailure, "The operating point cannot be written as JSON.")
    }
    do {
      try NetworkFile.annotate(url, with: [Self.metadataKey: String(decoding: json, as: UTF8.self)])
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
  }

  /// The operating point in a weights file's annotations; nil when there is none.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when it cannot be read.
  init?(annotations: [String: String], file: String) throws(EngineError) {
    guard let text = annotations[Self.metadataKey] else { return nil }
    do {
      self = try JSONDecoder().decode(OperatingPoint.self, from: Data(text.utf8))
    } catch {
      throw EngineError(
        .invalidWeights,
        "The operating point in \(file) cannot be read; store it again with \"galleryctl eval\".")
    }
  }
}
