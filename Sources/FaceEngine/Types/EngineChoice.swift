internal import Foundation

/// Which network embeds the faces, and where its weights are.
///
/// As one word it is `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`: `resnet`, `vgg16:vgg_embedding.keras`,
/// `vgg16:rcmalli_vggface_tf_notop_vgg16.h5,head.safetensors`.
public struct EngineChoice: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind of network: `resnet`, `vgg16`, or the name that the weights folder's manifest gives to an engine.
  public var name: String

  /// The path of the weights file; nil is the file that the kind has in the weights folder.
  public var weights: String?

  /// The path of a second file with the layers behind those of ``weights``; nil when one file holds all.
  public var head: String?

  /// A choice by its parts.
  public init(name: String, weights: String? = nil, head: String? = nil) {
    self.name = name
    self.weights = weights
    self.head = head
  }

  /// dlib's ResNet, which the weights folder has.
  public static let resNet = EngineChoice(name: "resnet")

  /// Reads `NAME`, `NAME:FILE` or `NAME:FILE,HEAD`; nil when a part is empty.
  public init?(_ word: String) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else { return nil }
    self.init(name: String(name))
    guard parts.count == 2 else { return }
    let files = parts[1].split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard files.allSatisfy({ !$0.isEmpty }), let file = files.first else { return nil }
    weights = String(file)
    head = files.count == 2 ? String(files[1]) : nil
  }

  /// The same choice for a process in any folder.
  public var withAbsolutePaths: EngineChoice {
    func absolute(_ path: String) -> String {
      URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    }
    return EngineChoice(name: name, weights: weights.map(absolute), head: head.map(absolute))
  }

  /// The choice as one word, as ``init(_:)`` reads it.
  public var description: String {
    name + (weights.map { ":" + $0 } ?? "") + (head.map { "," + $0 } ?? "")
  }
}
