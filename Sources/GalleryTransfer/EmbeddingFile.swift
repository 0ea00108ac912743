internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Support

/// A file of embeddings that is being read: vectors and what is known about each.
struct EmbeddingFile {
  /// Some rows in the order of the file.
  struct Batch {
    var rows: [FaceRow] = []
    /// The components of all vectors.
    var vectors: [Float] = []
    /// Components of each vector.
    var columns = 0
    /// Where each row lies: an offset in a text, or the number of a row of an array.
    var places: [Int] = []
  }

  /// Where the rows of an array are described.
  private enum Records {
    case lines(MappedFile, Range<Int>)
    case json(MappedFile, array: Int)
    case csv(MappedFile)
  }

  private enum Source {
    case lines(from: Int)
    case array(VectorArray, Records)
  }

  let file: MappedFile
  private(set) var header = EmbeddingFileHeader()
  /// What could not be made sure of, a sentence each.
  private(set) var warnings: [String] = []
  private let source: Source

  private static let batchLength = 4096
  private static let chunkBytes = 1 << 20

  /// Opens a file by its extension: `.npy`, `.safetensors`, `.jsonl`.
  ///
  /// - Parameter sidecar: The file that describes the rows of an array; nil is one of the same name with the
  ///   extension `.json`, `.csv` or `.jsonl`.
  /// - Throws: ``GalleryError``: `unreadableFile`, `truncatedFile`, `wrongShape`, `wrongPair`, `newerVersion`.
  init(_ url: URL, sidecar: URL?) throws {
    file = try MappedFile(embeddings: url)
    switch url.pathExtension.lowercased() {
    case "jsonl", "ndjson":
      (header, source) = try Self.openLines(file)
    case "npy":
      let array = try VectorArray(npy: file)
      let (header, records) = try Self.openSidecar(sidecar, of: url, rows: array.rows)
      self.header = header
      source = .array(array, records)
      try checkPair()
      try checkRows()
      try check(array)
    case "safetensors":
      let tensors = try EmbeddingTensors(file)
      header = tensors.header
      if let range = tensors.records, sidecar == nil {
        source = .array(tensors.vectors, .lines(file, range))
      } else {
        let (aside, records) = try Self.openSidecar(sidecar, of: url, rows: tensors.vectors.rows)
        header.fingerprint = header.fingerprint ?? aside.fingerprint
        header.arrayDigest = aside.arrayDigest
        source = .array(tensors.vectors, records)
        try checkPair()
        try checkRows()
      }
      try check(tensors.vectors)
    default:
      throw file.error(
        .unreadableFile, "its format is not known by its ending; .npy, .safetensors and .jsonl are read")
    }
  }

  /// Makes sure that the array is the one whose rows are named, where that is on record.
  private mutating func checkPair() throws(GalleryError) {
    guard let digest = header.arrayDigest else {
      warnings.append(
        "\(file.path): the file beside it does not say of which array its names are; they were "
          + "taken for the rows by their number and order alone.")
      return
    }
    guard SHA256.hexadecimal(of: file.bytes) == digest.lowercased() else {
      throw file.error(
        .wrongPair,
        "it is not the array whose rows are named beside it (its SHA-256 is another one than \"arraySHA256\" there): an "
          + "export was interrupted, or one of the files was changed; export again")
    }
  }

  /// Notes when nothing ties the rows to the vectors of the array but their order.
  private mutating func checkRows() throws {
    guard case .array(_, let records) = source, header.arrayDigest != nil else { return }
    struct Found: Error {}
    do {
      try Self.forEachRow(of: records) { row, _ in
        if row.vectorDigest == nil {
          warnings.append(
            "\(file.path): the rows beside it were taken for those of the array by their number and order alone, since they have no "
              + "“vectorSHA256”.")
        }
        throw Found()
      }
    } catch is Found {}
  }

  private mutating func check(_ array: VectorArray) throws(GalleryError) {
    for columns in [header.fingerprint?.dimension, header.dimension] {
      guard let columns, columns != array.columns else { continue }
      throw file.error(
        .wrongShape, "its rows have \(array.columns) components, and what describes them tells of \(columns)")
    }
    (header.rows, header.dimension) = (array.rows, array.columns)
  }

  private static func openLines(_ file: MappedFile) throws -> (EmbeddingFileHeader, Source) {
    var header = EmbeddingFileHeader()
    var scanner = JSONScanner(file.bytes)
    var isHeader = false
    do {
      guard scanner.peek() != nil else { return (header, .lines(from: 0)) }
      try scanner.object { key, scanner in
        if key == "format" { isHeader = true }
        if try !header.take(key, &scanner, of: file) { try scanner.skip() }
      }
    } catch let error as JSONScanner.Malformed {
      throw file.error(error)
    }
    return isHeader ? (header, .lines(from: scanner.offset)) : (EmbeddingFileHeader(), .lines(from: 0))
  }

  private static func openSidecar(
    _ named: URL?, of url: URL, rows: Int
  ) throws -> (EmbeddingFileHeader, Records) {
    let stem = url.deletingPathExtension()
    let candidates = ["json", "csv", "jsonl"].map { stem.appendingPathExtension($0) }
    guard let sidecar = named ?? candidates.first(where: { InputFile.exists($0.path(percentEncoded: false)) })
    else {
      throw GalleryError(
        .unreadableFile,
        "\(url.path(percentEncoded: false)): there is no file beside it that names its rows; put one there that ends in "
          + ".json, .csv or .jsonl, or name it.")
    }
    let file = try MappedFile(embeddings: sidecar)
    // One beside the file that was named tells of that.
    let heads = [sidecar.deletingPathExtension(), stem].map { $0.appendingPathExtension("engine.json") }
    let engine = heads.first { InputFile.exists($0.path(percentEncoded: false)) } ?? heads[1]
    var header = EmbeddingFileHeader()
    if InputFile.exists(engine.path(percentEncoded: false)) {
      header = try EmbeddingFileHeader(contentsOf: MappedFile(embeddings: engine))
    }
    switch sidecar.pathExtension.lowercased() {
    case "csv":
      if let promised = header.rows, promised != rows { throw mismatch(file, promised, rows) }
      return (header, .csv(file))
    case "jsonl", "ndjson": return (header, .lines(file, 0..<file.bytes.count))
    default:
      let (inside, array) = try openJSON(file)
      if let promised = inside.rows, promised != rows { throw mismatch(file, promised, rows) }
      guard inside.fingerprint == nil, inside.arrayDigest == nil else {
        return (inside, .json(file, array: array))
      }
      header.dimension = inside.dimension ?? header.dimension
      return (header, .json(file, array: array))
    }
  }

  private static func mismatch(_ file: MappedFile, _ described: Int, _ rows: Int) -> GalleryError {
    file.error(.wrongShape, "it describes \(described) rows, and the array has \(rows)")
  }

  /// Reads what a JSON file says of all rows, and finds the array of rows: the whole, or its member `faces`.
  private static func openJSON(_ file: MappedFile) throws -> (EmbeddingFileHeader, Int) {
    var header = EmbeddingFileHeader()
    var scanner = JSONScanner(file.bytes)
    var array: Int?
    do {
      if scanner.peek() == 0x5B {
        array = try scanner.skip().lowerBound
      } else {
        try scanner.object { key, scanner in
          if key == "faces" {
            guard array == nil else { throw scanner.malformed("“faces” is there twice") }
            array = try scanner.skip().lowerBound
          } else if try !header.take(key, &scanner, of: file) {
            try scanner.skip()
          }
        }
      }
      try scanner.finish()
    } catch let error as JSONScanner.Malformed {
      throw file.error(error)
    }
    guard let array else {
      throw file.error(.unreadableFile, "it has neither an array of rows nor a member “faces”")
    }
    return (header, array)
  }

  /// An error in a row, with its number or line.
  func error(_ code: GalleryError.Code, _ message: String, at place: Int) -> GalleryError {
    switch source {
    case .array: return file.error(code, "row \(place + 1): \(message)", line: place + 1)
    case .lines:
      let line = MappedFile.lines(in: file.bytes[0..<place]) + 1
      return file.error(code, "line \(line): \(message)", line: line)
    }
  }
}

extension EmbeddingFile {
  /// Calls `body` with the rows in order, some thousands at a time; texts are read by several threads.
  func forEachBatch(_ body: (Batch) throws -> Void) throws {
    switch source {
    case .lines(let start):
      var rows = 0
      try Self.forEachChunk(of: file, start..<file.bytes.count) { chunk in
        var batch = Batch()
        for row in chunk {
          if batch.columns == 0 { batch.columns = header.dimension ?? row.vector.count }
          guard row.vector.count == batch.columns, batch.columns > 0 else {
            throw error(
              .wrongShape,
              row.vector.isEmpty
                ? "there is no “vector”"
                : "the vector has \(row.vector.count) components, and the ones before, or the first line, tell of \(batch.columns)",
              at: row.offset)
          }
          batch.rows.append(row.row)
          batch.vectors += row.vector
          batch.places.append(row.offset)
        }
        rows += batch.rows.count
        if !batch.rows.isEmpty { try body(batch) }
      }
      if let promised = header.rows, rows != promised {
        throw file.error(
          .truncatedFile, "its first line promises \(promised) rows, and \(rows) are there; copy it again")
      }
    case .array(let array, let records):
      var next = 0
      var lastFace: UInt64?
      var batch = Batch(columns: array.columns)
      var isTied: Bool?
      func add(_ row: FaceRow, _ own: [Float]) throws {
        guard next < array.rows else {
          throw file.error(.wrongShape, "it has \(array.rows) rows, and more are described")
        }
        // An export has the faces in the order of their numbers: another one gives vectors the names of others.
        if header.arrayDigest != nil, let face = row.face {
          if let last = lastFace, face <= last {
            throw file.error(
              .wrongPair,
              "row \(next + 1): the rows beside it were moved, face \(face) follows face \(last); sort them by “face”, or "
                + "export again", line: next + 1)
          }
          lastFace = face
        }
        batch.rows.append(row)
        batch.places.append(next)
        array.append(next, to: &batch.vectors)
        let vector = batch.vectors.suffix(array.columns)
        let digest = row.vectorDigest.map { _ in vector.withUnsafeBytes { FaceRow.digest(of: $0) } }
        guard digest == row.vectorDigest?.lowercased(), isTied != (digest == nil),
          own.isEmpty || Self.isSame(own, vector)
        else {
          throw file.error(
            .wrongPair,
            "row \(next + 1): what describes it is of another vector: rows were moved, added or taken out beside the array, or are of "
              + "another export; only names and tags may be edited", line: next + 1)
        }
        isTied = digest != nil
        next += 1
        if batch.rows.count == Self.batchLength {
          try body(batch)
          batch = Batch(columns: array.columns)
        }
      }
      try Self.forEachRow(of: records, add)
      guard next == array.rows else {
        throw file.error(.wrongShape, "it has \(array.rows) rows, and \(next) are described")
      }
      if !batch.rows.isEmpty { try body(batch) }
    }
  }

  /// Whether two vectors are the same but for the digits that a text leaves out.
  private static func isSame(_ a: [Float], _ b: ArraySlice<Float>) -> Bool {
    let tolerance = 1e-3 * (b.lazy.map(abs).max() ?? 0)
    return a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
  }

  /// - Parameter body: Is given each row, and the vector that stands in it.
  private static func forEachRow(of records: Records, _ body: (FaceRow, [Float]) throws -> Void) throws {
    switch records {
    case .lines(let file, let range):
      try forEachChunk(of: file, range) { rows in for row in rows { try body(row.row, row.vector) } }
    case .json(let file, let array):
      var scanner = JSONScanner(file.bytes, from: array)
      do {
        try scanner.array { scanner in
          var vector: [Float] = []
          try body(FaceRow(&scanner, vector: &vector), vector)
        }
      } catch let error as JSONScanner.Malformed {
        throw file.error(error)
      }
    case .csv(let file):
      var scanner = CSVScanner(file)
      guard let names = try scanner.record() else { return }
      let columns = try FaceRow.Columns(names, file)
      while let fields = try scanner.record() {
        guard fields.count == names.count else {
          throw file.error(
            .unreadableFile, "line \(scanner.line): \(fields.count) fields instead of \(names.count)",
            line: scanner.line)
        }
        do {
          try body(FaceRow(fields, columns), [])
        } catch let error as FaceRow.BadField {
          throw file.error(
            .unreadableFile, "line \(scanner.line): the field “\(error.name)” \(error.problem)",
            line: scanner.line)
        }
      }
    }
  }

  private struct Line {
    var row: FaceRow
    var vector: [Float]
    var offset: Int
  }

  /// Reads a JSON object a line with several threads and hands them over in order.
  private static func forEachChunk(
    of file: MappedFile, _ range: Range<Int>, _ body: ([Line]) throws -> Void
  ) throws {
    let chunks = chunks(of: file.bytes, range)
    let threads = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: chunks.count, window: 4 * threads) { index in
      Result { try lines(of: file, chunks[index]) }
    }
    try pipeline.run(threads: threads, maximumBatch: 1) { results in
      for result in results { try body(try result.get()) }
    }
  }

  private static func lines(of file: MappedFile, _ range: Range<Int>) throws -> [Line] {
    var lines: [Line] = []
    var start = range.lowerBound
    var width = 0
    while start < range.upperBound {
      let end = endOfLine(file.bytes, from: start, limit: range.upperBound)
      var scanner = JSONScanner(file.bytes, from: start, to: end)
      do {
        if scanner.peek() != nil {
          var vector: [Float] = []
          vector.reserveCapacity(width)
          let offset = scanner.offset
          let row = try FaceRow(&scanner, vector: &vector)
          try scanner.finish()
          width = vector.count
          lines.append(Line(row: row, vector: vector, offset: offset))
        }
      } catch let error as JSONScanner.Malformed {
        throw file.error(error)
      }
      start = end + 1
    }
    return lines
  }

  /// Ranges of whole lines.
  private static func chunks(of bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let wanted = min(start + chunkBytes, range.upperBound)
      let end = min(endOfLine(bytes, from: wanted, limit: range.upperBound) + 1, range.upperBound)
      chunks.append(start..<end)
      start = end
    }
    return chunks
  }

  private static func endOfLine(_ bytes: UnsafeRawBufferPointer, from start: Int, limit: Int) -> Int {
    guard start < limit, let base = bytes.baseAddress else { return limit }
    guard let found = memchr(base + start, 0x0A, limit - start) else { return limit }
    return UnsafeRawPointer(found) - base
  }
}
