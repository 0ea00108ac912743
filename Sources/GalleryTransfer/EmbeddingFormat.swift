public import Foundation

/// How embeddings are written to a file; docs/embedding-files.md describes the forms.
public enum EmbeddingFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// A NumPy array `NAME.npy`, and `NAME.json` that names its rows.
  case npy
  /// A NumPy array `NAME.npy`, `NAME.csv` that names its rows, and `NAME.engine.json`.
  case npyCSV = "npy+csv"
  /// A JSON object a line, with its vector.
  case jsonLines = "jsonl"
  /// A safetensors file with the tensors `vectors` and `records`.
  case safetensors

  /// The format that a file's ending means; nil when it means none.
  public init?(ending url: URL) {
    switch url.pathExtension.lowercased() {
    case "npy": self = .npy
    case "jsonl", "ndjson": self = .jsonLines
    case "safetensors": self = .safetensors
    default: return nil
    }
  }

  /// Whether there are further files beside the one that is named.
  var hasSidecar: Bool { self == .npy || self == .npyCSV }
}

/// What was written by ``Gallery/exportEmbeddings(to:format:progress:)``.
public struct ExportReport: Sendable, Hashable {
  /// The files written.
  public let files: [String]
  /// Embeddings.
  public let rows: Int
  /// Components of an embedding.
  public let dimension: Int
  /// Bytes of all files.
  public let bytes: Int
}

/// How embeddings are read from a file.
public struct ImportOptions: Sendable, Hashable {
  /// The file that names the rows of an array; nil looks for one beside the array.
  public var sidecar: URL?

  /// Whether vectors of a file that does not tell its engine are taken for vectors of the gallery's.
  public var assumesEngine: Bool

  /// Options; the defaults suit files that were exported.
  public init(sidecar: URL? = nil, assumesEngine: Bool = false) {
    self.sidecar = sidecar
    self.assumesEngine = assumesEngine
  }
}

/// What became of a file of embeddings.
public struct ImportReport: Sendable, Hashable {
  /// Embeddings read.
  public internal(set) var rows = 0
  /// Embeddings added.
  public internal(set) var added = 0
  /// Embeddings that their people had already.
  public internal(set) var skipped = 0
  /// People who were made.
  public internal(set) var newPeople = 0
  /// What could not be made sure of, a sentence each: names that are tied to their vectors by their number alone.
  public var warnings: [String] = []
}
