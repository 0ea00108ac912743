internal import Foundation
internal import Support

/// Which network embeds the faces, and where its weights are.
///
/// As one word it is `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`: `sface`, `resnet`, `vgg16:vgg_embedding.keras`,
/// `vgg16:rcmalli_vggface_tf_notop_vgg16.h5,head.safetensors`, `onnx:arcface.onnx`. `@` and a precision or `flip` may follow the
/// name: `resnet@bf16`, `vgg16@bf16:vgg_embedding.keras`, `sface@flip`.
public struct EngineSpecification: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind of engine: `sface`, `resnet`, `sface+resnet`, `vgg16`, `onnx`, or the name that the weights folder's manifest gives to
  /// an engine.
  public var name: String

  /// The path of the weights file; nil is the file that the kind has in the weights folder.
  public var weights: String?

  /// The path of a second file with the layers behind those of ``weights``; nil when one file holds all.
  public var head: String?

  /// The numbers that the network multiplies.
  public var precision: EnginePrecision

  /// Which pictures of a face are embedded.
  public var augmentation: EngineAugmentation

  /// A choice by its parts.
  public init(
    name: String, weights: String? = nil, head: String? = nil, precision: EnginePrecision = .float32,
    augmentation: EngineAugmentation = .none
  ) {
    self.name = name
    self.weights = weights
    self.head = head
    self.precision = precision
    self.augmentation = augmentation
  }

  /// Reads a choice; one without ``precision`` was written when there was only float32, one without ``augmentation`` when a face was
  /// always embedded as it is.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    weights = try values.decodeIfPresent(String.self, forKey: .weights)
    head = try values.decodeIfPresent(String.self, forKey: .head)
    precision = try values.decodeIfPresent(EnginePrecision.self, forKey: .precision) ?? .float32
    augmentation = try values.decodeIfPresent(EngineAugmentation.self, forKey: .augmentation) ?? .none
  }

  /// YuNet and SFace.
  public static let sface = EngineSpecification(name: "sface")

  /// dlib's ResNet, which the weights folder has.
  public static let resNet = EngineSpecification(name: "resnet")

  /// What new galleries use unless another engine is named.
  public static let standard = sface

  /// The standard engine that takes the faces of a detector: dlib's detectors give no landmarks that SFace could be aligned by.
  ///
  /// - Parameter detector: The detector that is asked for; nil is the engine's own.
  public static func standard(for detector: DetectorKind?) -> EngineSpecification {
    switch detector {
    case .hog, .cnn: resNet
    case .yunet, nil: standard
    }
  }

  /// Reads `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`, behind the name `@` with a precision or an augmentation, or both; nil when a
  /// part is empty or unknown.
  public init?(_ word: String) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard let name = names.first, !name.isEmpty else { return nil }
    self.init(name: name)
    // At most one precision and one augmentation, in this order.
    var words = names.dropFirst()
    if let precision = words.first.flatMap(EnginePrecision.init) {
      self.precision = precision
      words.removeFirst()
    }
    if let augmentation = words.first.flatMap(EngineAugmentation.init) {
      self.augmentation = augmentation
      words.removeFirst()
    }
    guard words.isEmpty else { return nil }
    guard parts.count == 2 else { return }
    let files = parts[1].split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard files.allSatisfy({ !$0.isEmpty }), let file = files.first else { return nil }
    weights = String(file)
    head = files.count == 2 ? String(files[1]) : nil
  }

  /// The same choice for a process in any folder.
  public var withAbsolutePaths: EngineSpecification {
    func absolute(_ path: String) -> String {
      URL(typed: path).standardizedFileURL.path(percentEncoded: false)
    }
    var choice = self
    (choice.weights, choice.head) = (weights.map(absolute), head.map(absolute))
    return choice
  }

  /// Whether its thresholds are part of the program: no file of the user's, or of a manifest, could have others.
  package var hasBuiltInThresholds: Bool {
    weights == nil && EngineKinds.named(name).map { !$0.needsFile } == true
  }

  /// The choice as one word, as ``init(_:)`` reads it.
  public var description: String {
    name + (precision == .float32 ? "" : "@" + precision.rawValue)
      + (augmentation == .none ? "" : "@" + augmentation.rawValue) + (weights.map { ":" + $0 } ?? "")
      + (head.map { "," + $0 } ?? "")
  }
}
