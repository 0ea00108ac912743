public import Foundation
internal import Support

/// What a ``FaceEngine`` is made of.
public struct EngineConfiguration: Sendable, Hashable {
  /// The folder of the weights files, under their upstream names.
  public var weightsDirectory: URL

  /// Which detector finds the faces; nil is the engine's own.
  public var detector: DetectorKind?

  /// How many calls run at the same time; more wait. Each after the first costs memory for its work, 14 MB with the
  /// ResNet and the HOG detector; the embedding network's weights are shared.
  public var threads: Int

  /// How many ``threads`` an engine may have.
  public static let threadRange = 1...1_024

  /// Which engine finds, aligns and embeds the faces.
  public var engine: EngineSpecification

  /// A configuration.
  ///
  /// - Parameters:
  ///   - weightsDirectory: Where the weights are; nil is `$FACEGALLERY_WEIGHTS`, else `./weights`.
  ///   - detector: Which detector finds the faces; nil is the engine's own.
  ///   - threads: How many calls run at the same time.
  ///   - engine: Which engine; nil is the standard one that takes the detector's faces.
  public init(
    weightsDirectory: URL? = nil, detector: DetectorKind? = nil, threads: Int = 1,
    engine: EngineSpecification? = nil
  ) {
    self.weightsDirectory = weightsDirectory ?? Self.defaultWeightsDirectory
    self.detector = detector
    self.threads = threads
    self.engine = engine ?? .standard(for: detector)
  }

  /// `$FACEGALLERY_WEIGHTS` when it is set and not empty, else `weights` in the working directory.
  public static var defaultWeightsDirectory: URL {
    if let path = PathText.environment("FACEGALLERY_WEIGHTS"), !path.isEmpty {
      return URL(typed: path, directoryHint: .isDirectory)
    }
    return URL(typed: "weights", directoryHint: .isDirectory)
  }
}
