import BenchmarkKit
import Console
import Foundation

/// Vectors and queries, in memory for us and in files for the peers.
struct DataSource {
  let name: String
  let base: VectorSet
  let queries: VectorSet
  private(set) var baseFile: URL
  private(set) var queryFile: URL
  let score: Score

  /// A generated set, made on first use.
  static func generated(_ name: String, _ arguments: Arguments) throws -> DataSource {
    let recipe = try SetRecipe(name: name)
    let folder =
      arguments[CommonOptions.data].map { URL(fileURLWithPath: $0) }
      ?? Folders.cache.appendingPathComponent("sets")
    let files = SetFiles(name: name, folder: folder)
    if !files.exist {
      try Folders.make(folder)
      Terminal.note("making \(name) in \(folder.path)\n")
      try files.write(GeneratedSet(recipe))
    }
    return try DataSource(
      name: name, baseFile: files.base, queryFile: files.queries, score: .cosine,
      count: arguments[CommonOptions.count])
  }

  /// Vectors from anybody's files.
  init(name: String, baseFile: URL, queryFile: URL, score: Score, count: Int?) throws {
    self.name = name
    self.baseFile = baseFile
    self.queryFile = queryFile
    self.score = score
    base = try VectorFile.vectors(contentsOf: baseFile)
    let queries = try VectorFile.vectors(contentsOf: queryFile)
    guard queries.dimension == base.dimension else {
      throw InputError(
        "The queries have \(queries.dimension) dimensions, the base has \(base.dimension): they do not belong together."
      )
    }
    self.queries = count.map(queries.prefix) ?? queries
    guard score == .cosine else { return }
    for (file, set) in [(baseFile, base), (queryFile, queries)] {
      if let row = (0..<set.count).first(where: { row in set[row].allSatisfy { $0 == 0 } }) {
        throw InputError("\(file.path) is all zeros in row \(row), which has no cosine: remove such rows.")
      }
    }
  }

  /// The same in files that the peers read, which know NumPy's only: others are written to a folder as such.
  func forPeers(in folder: URL) throws(InputError) -> DataSource {
    var copy = self
    if baseFile.pathExtension != "npy" {
      copy.baseFile = folder.appendingPathComponent("base.npy")
      try NPYArray.write(base, to: copy.baseFile)
    }
    if queryFile.pathExtension != "npy" {
      copy.queryFile = folder.appendingPathComponent("queries.npy")
      try NPYArray.write(queries, to: copy.queryFile)
    }
    return copy
  }
}

/// The files of a generated set.
struct SetFiles {
  let base: URL
  let queries: URL
  private let identities: URL
  private let queryIdentities: URL

  init(name: String, folder: URL) {
    base = folder.appendingPathComponent("\(name).base.npy")
    queries = folder.appendingPathComponent("\(name).query.npy")
    identities = folder.appendingPathComponent("\(name).ids.npy")
    queryIdentities = folder.appendingPathComponent("\(name).qids.npy")
  }

  var exist: Bool {
    [base, queries].allSatisfy { FileManager.default.fileExists(atPath: $0.path) }
  }

  func write(_ set: GeneratedSet) throws(InputError) {
    try NPYArray.write(set.base, to: base)
    try NPYArray.write(set.queries, to: queries)
    if !set.identities.isEmpty {
      try NPYArray.write(set.identities, to: identities)
      try NPYArray.write(set.queryIdentities, to: queryIdentities)
    }
  }
}
