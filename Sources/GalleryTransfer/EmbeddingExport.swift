internal import FaceEngine
package import Foundation
package import GalleryStore
internal import Support
internal import TensorFiles

/// One export of a store's embeddings, as of one moment, with what is known of each.
package struct EmbeddingExport {
  private let header: EmbeddingFileHeader
  private let rows: Int
  private let dimension: Int
  private let progress: (Int) -> Void

  /// Writes all embeddings in the order in which they were added; others may go on writing. The files appear when they are
  /// complete and on disk.
  ///
  /// An array and the file that names its rows belong together by the array's SHA-256. The array is put in place last, so
  /// that at no moment an import takes names of one export for rows of another.
  ///
  /// - Parameters:
  ///   - store: Where they are.
  ///   - url: The file; sidecars lie beside it.
  ///   - format: The form of the file.
  ///   - patience: How long to wait for another export that is putting its files in place in the same folder.
  ///   - progress: Called with the number of embeddings written and of all.
  /// - Throws: ``GalleryError``: `engineNeeded` before the first face, `inUse` when the patience is over, ….
  package static func write(
    _ store: any Store, to url: URL, _ format: EmbeddingFormat, patience: Duration = .seconds(60),
    progress: ((Int, Int) -> Void)? = nil
  ) throws -> ExportReport {
    try store.read(ahead: true) { snapshot in
      guard let fingerprint = try snapshot.fingerprint() else {
        throw GalleryError(.engineNeeded, "The gallery has no face yet, so there is nothing to export.")
      }
      let rows = try snapshot.faceCount()
      var header = EmbeddingFileHeader(rows: rows, dimension: fingerprint.dimension)
      header.fingerprint = fingerprint
      header.operatingPoint = try snapshot.operatingPoint()
      let export = EmbeddingExport(header: header, rows: rows, dimension: fingerprint.dimension) {
        progress?(min($0, rows), rows)
      }
      return try export.write(snapshot, to: url, format, patience)
    }
  }

  private func write(
    _ snapshot: borrowing Snapshot, to url: URL, _ format: EmbeddingFormat, _ patience: Duration
  ) throws -> ExportReport {
    let stem = url.deletingPathExtension()
    try Self.checkTargets(url, stem, format)
    Leftovers.clear(in: Folder.of(url.path(percentEncoded: false)))
    var files: [(URL, FileWriter)] = []
    func open(_ url: URL) throws -> FileWriter {
      let file = try FileWriter(url.path(percentEncoded: false))
      files.append((url, file))
      return file
    }
    switch format {
    case .npy:
      let (array, sidecar) = (try open(url), try open(stem.appendingPathExtension("json")))
      try array.put(NPYHeader.bytes(rows: rows, columns: dimension))
      try sidecar.put("{\(try header.members()),\"faces\":[")
      var isFirst = true
      try forEachRow(of: snapshot) { row, name, vector in
        try array.put(vector)
        try sidecar.put(isFirst ? "\n" : ",\n")
        var row = row
        row.vectorDigest = FaceRow.digest(of: vector)
        try sidecar.put(json(row, name) + [0x7D])
        isFirst = false
      }
      try sidecar.put("\n],\(EmbeddingFileHeader.member(arrayDigest: try array.digest()))}\n")
    case .npyCSV:
      let (array, sidecar) = (try open(url), try open(stem.appendingPathExtension("csv")))
      let engine = try open(stem.appendingPathExtension("engine.json"))
      try array.put(NPYHeader.bytes(rows: rows, columns: dimension))
      try sidecar.put(FaceRow.columnNames.joined(separator: ",") + "\n")
      try forEachRow(of: snapshot) { row, name, vector in
        try array.put(vector)
        var row = row
        row.vectorDigest = FaceRow.digest(of: vector)
        try sidecar.put(row.csv(person: name.csv) + "\n")
      }
      var header = header
      header.arrayDigest = try array.digest()
      try engine.put("{\(try header.members())}\n")
    case .jsonLines:
      let file = try open(url)
      try file.put("{\(try header.members())}\n")
      try forEachRow(of: snapshot) { row, name, vector in
        try file.put(json(row, name))
        try file.put(",\"vector\":[")
        for component in 0..<vector.count / 4 {
          if component > 0 { try file.put(0x2C) }
          let bits = vector.loadUnaligned(fromByteOffset: 4 * component, as: UInt32.self)
          try file.putDecimal(Float(bitPattern: UInt32(littleEndian: bits)))
        }
        try file.put("]}\n")
      }
    case .safetensors:
      let file = try open(url)
      try file.put([UInt8](repeating: 0x20, count: EmbeddingTensors.headRoom))
      try snapshot.forEachVector(from: 0) { _, vector in
        try file.put(vector)
        return true
      }
      let start = file.count
      try forEachRow(of: snapshot) { row, name, _ in try file.put(json(row, name) + [0x7D, 0x0A]) }
      try file.overwrite(
        EmbeddingTensors.head(
          rows: rows, columns: dimension, recordBytes: file.count - start, header: header),
        at: 0)
    }
    for (_, file) in files { try file.synchronize() }
    // Of two exports to one name the files of the later one stay, all of them.
    let turn = format.hasSidecar ? try Self.turn(in: url, patience) : nil
    defer { withExtendedLifetime(turn) {} }
    try Self.checkTargets(url, stem, format)
    if format == .npyCSV { try Self.removeOlderSidecar(stem.appendingPathExtension("json")) }
    // What tells of which array the names are first, the array last.
    for (_, file) in files.reversed() { try file.finish() }
    return ExportReport(
      files: files.map { $0.0.path(percentEncoded: false) }, rows: rows, dimension: dimension,
      bytes: files.reduce(0) { $0 + $1.1.count })
  }

  /// Keeps other exports from putting files in place in the folder of a file; nil where the file system gives no locks: there an
  /// array and a file beside it that are of two exports are told from each other when they are read.
  private static func turn(in url: URL, _ patience: Duration) throws -> FileLock? {
    let path = url.path(percentEncoded: false)
    let folder = Folder.of(ReplacementFile.target(of: path) ?? path)
    do throws(SystemError) {
      if let lock = try FileLock.take(folder, patience: patience) { return lock }
    } catch {
      if error.isLockUnsupported { return nil }
      throw error
    }
    throw GalleryError(.inUse, "Another program is putting its files in place in \(folder).")
  }

  /// Makes sure that nothing is replaced but what the caller names and what an export of before left beside it.
  private static func checkTargets(_ url: URL, _ stem: URL, _ format: EmbeddingFormat) throws {
    for url in [url] + ["json", "csv", "engine.json"].map({ stem.appendingPathExtension($0) }) {
      guard let gallery = Stores.gallery(around: url) else { continue }
      throw GalleryError(
        .invalidArgument,
        "\(url.path(percentEncoded: false)) lies in the gallery \(gallery); choose another folder.")
    }
    let (json, engine) = (stem.appendingPathExtension("json"), stem.appendingPathExtension("engine.json"))
    guard
      [.jsonLines, .safetensors].contains(format)
        || ReplacementFile.target(of: url.path(percentEncoded: false)) != nil
    else {
      throw GalleryError(
        .invalidArgument,
        "\(url.path(percentEncoded: false)) is no file, and this format has further files beside the array; name a file, or take jsonl "
          + "or safetensors.")
    }
    let sidecars =
      switch format {
      case .npy: [json]
      case .npyCSV: [json, engine]
      case .jsonLines, .safetensors: [] as [URL]
      }
    let csv = stem.appendingPathExtension("csv")
    let targets = [url] + sidecars + (format == .npyCSV ? [csv] : [])
    let paths = targets.map { $0.path(percentEncoded: false) }
    // An array of another ending is not read again, and two arrays of one name would have one file beside them.
    guard sidecars.isEmpty || url.pathExtension.lowercased() == "npy" else {
      throw GalleryError(
        .invalidArgument, "The format npy needs a file that ends in .npy, not \(paths[0]).")
    }
    guard Set(paths.map { ReplacementFile.target(of: $0) ?? $0 }).count == paths.count else {
      throw GalleryError(
        .invalidArgument,
        "A link makes one file of two of these: \(paths.joined(separator: ", ")); choose another name.")
    }
    for sidecar in sidecars where InputFile.exists(sidecar.path(percentEncoded: false)) {
      guard (try? EmbeddingFileHeader(contentsOf: MappedFile(embeddings: sidecar)))?.isOurs == true else {
        throw foreign(sidecar)
      }
    }
    guard format == .npyCSV, InputFile.exists(csv.path(percentEncoded: false)) else { return }
    var scanner = CSVScanner(try MappedFile(embeddings: csv))
    guard let names = try? scanner.record(), Set(["person", "face"]).isSubset(of: names) else {
      throw foreign(csv)
    }
  }

  private static func foreign(_ sidecar: URL) -> GalleryError {
    GalleryError(
      .invalidArgument,
      "\(sidecar.path(percentEncoded: false)) would be taken for the names of the rows, and is not of this program; move it "
        + "away, or choose another name.")
  }

  /// Removes the names of an older export in another form, which would be taken for those of this one.
  private static func removeOlderSidecar(_ url: URL) throws {
    let path = url.path(percentEncoded: false)
    guard InputFile.exists(path) else { return }
    guard try InputFile.kind(of: path) == .file else { throw SystemError("be removed", path, code: EISDIR) }
    if let failure = Folder.remove(path) { throw failure }
    try Folder.synchronize(Folder.of(path))
  }

  private func json(_ row: FaceRow, _ name: Name) -> [UInt8] {
    var text: [UInt8] = []
    row.json(escapedPerson: name.json, into: &text)
    return text
  }

  /// A name as the formats write it.
  private struct Name {
    let json: String
    let csv: String
    let tags: [String: String]
  }

  private func forEachRow(
    of snapshot: borrowing Snapshot, _ body: (FaceRow, Name, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var names: [PersonID: Name] = [:]
    var done = 0
    let hasTags = try snapshot.hasTags()
    try snapshot.forEachEmbedding { face, record, vector in
      let name: Name
      if let known = names[record.person] {
        name = known
      } else {
        // Faces without a name have an empty one in files.
        let isUnnamed = record.person == .unnamed
        let text = isUnnamed ? "" : try snapshot.personRecord(record.person)?.name
        guard let text else { throw GalleryError.damaged("person \(record.person) is missing") }
        name = Name(
          json: FaceRow.quoted(text), csv: CSVText.field(text),
          tags: isUnnamed ? [:] : try snapshot.tags(of: .person(record.person)))
        names[record.person] = name
      }
      var row = FaceRow()
      row.face = face.rawValue
      row.added = record.added.milliseconds
      (row.photo, row.path, row.detection) = (record.photo, record.path, record.detection)
      row.personTags = name.tags
      if hasTags { row.tags = try snapshot.tags(of: .face(face)) }
      try body(row, name, vector)
      done += 1
      if done.isMultiple(of: 4096) { progress(done) }
    }
    progress(done)
  }
}
