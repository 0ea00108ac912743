internal import Foundation

/// Which network embeds the faces, and where its weights are.
///
/// As one word it is `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`: `sface`, `resnet`, `vgg16:vgg_embedding.keras`,
/// `vgg16:rcmalli_vggface_tf_notop_vgg16.h5,head.safetensors`. `@PRECISION` may follow the name: `resnet@bf16`,
/// `vgg16@bf16:vgg_embedding.keras`.
public struct EngineSpecification: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind of engine: `sface`, `resnet`, `vgg16`, or the name that the weights folder's manifest gives to an engine.
  public var name: String

  /// The path of the weights file; nil is the file that the kind has in the weights folder.
  public var weights: String?

  /// The path of a second file with the layers behind those of ``weights``; nil when one file holds all.
  public var head: String?

  /// The numbers that the network multiplies.
  public var precision: EnginePrecision

  /// A choice by its parts.
  public init(
    name: String, weights: String? = nil, head: String? = nil, precision: EnginePrecision = .float32
  ) {
    self.name = name
    self.weights = weights
    self.head = head
    self.precision = precision
  }

  /// Reads a choice; one without ``precision`` was written when there was only float32.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    weights = try values.decodeIfPresent(String.self, forKey: .weights)
    head = try values.decodeIfPresent(String.self, forKey: .head)
    precision = try values.decodeIfPresent(EnginePrecision.self, forKey: .precision) ?? .float32
  }

  /// YuNet and SFace.
  public static let sface = EngineSpecification(name: "sface")

  /// dlib's ResNet, which the weights folder has.
  public static let resNet = EngineSpecification(name: "resnet")

  /// What new galleries use unless another engine is named.
  public static let standard = resNet

  /// Reads `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`, `@PRECISION` behind the name; nil when a part is empty or the
  /// precision unknown.
  public init?(_ word: String) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = names.first, !name.isEmpty else { return nil }
    self.init(name: String(name))
    if names.count == 2 {
      guard let precision = EnginePrecision(rawValue: String(names[1])) else { return nil }
      self.precision = precision
    }
    guard parts.count == 2 else { return }
    let files = parts[1].split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard files.allSatisfy({ !$0.isEmpty }), let file = files.first else { return nil }
    weights = String(file)
    head = files.count == 2 ? String(files[1]) : nil
  }

  /// The same choice for a process in any folder.
  public var withAbsolutePaths: EngineSpecification {
    func absolute(_ path: String) -> String {
      URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }
    return EngineSpecification(
      name: name, weights: weights.map(absolute), head: head.map(absolute), precision: precision)
  }

  /// The choice as one word, as ``init(_:)`` reads it.
  public var description: String {
    name + (precision == .float32 ? "" : "@" + precision.rawValue) + (weights.map { ":" + $0 } ?? "")
      + (head.map { "," + $0 } ?? "")
  }
}
