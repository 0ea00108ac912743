internal import FaceEngine
package import Foundation
package import GalleryStore

/// One import of embeddings into a store: collects rows and stores them many at a time.
package struct EmbeddingImport {
  /// Adds the embeddings of a file.
  ///
  /// An embedding that its person has already is skipped, so that an import which was interrupted, or which met a
  /// mistake in the file, is run again. Faces get new numbers. Vectors are scaled to unit length.
  ///
  /// - Parameters:
  ///   - url: The file: `.npy` with a sidecar, `.safetensors` or `.jsonl`.
  ///   - store: Where they are added.
  ///   - identity: The engine of the program, if it has one.
  ///   - options: Where the sidecar lies, and what a file without a fingerprint means.
  ///   - progress: Called with the number of rows done and of all, when the file tells it.
  ///   - didCommit: Called when rows are on disk.
  /// - Complexity: O(*n*) for the rows of the file and the faces of the store; 16 bytes of memory for each of them.
  package static func read(
    _ url: URL, into store: any Store, of identity: EngineIdentity?, _ options: ImportOptions,
    progress: ((Int, Int?) -> Void)? = nil, didCommit: () -> Void
  ) throws -> ImportReport {
    let file = try EmbeddingFile(url, sidecar: options.sidecar)
    let made = try Self.identity(of: file, options, store, own: identity)
    var work = EmbeddingImport(store: store, file: file, identity: made)
    func save() throws {
      if try work.save() { didCommit() }
      progress?(work.report.rows, file.header.rows)
    }
    work.report.warnings = file.warnings
    try work.rememberVectors()
    do {
      try file.forEachBatch { batch in
        try work.take(batch)
        if work.isFull { try save() }
      }
      try save()
    } catch let error as GalleryError where work.report.rows > 0 {
      throw GalleryError(
        error.code, "\(error.message) The first \(work.report.rows) rows are in the gallery.",
        line: error.line)
    }
    return work.report
  }

  /// The engine of a file's vectors.
  private static func identity(
    of file: EmbeddingFile, _ options: ImportOptions, _ store: any Store, own: EngineIdentity?
  ) throws -> EngineIdentity? {
    let stored = try store.read { try $0.fingerprint() }
    guard let made = file.header.fingerprint else {
      guard options.assumesEngine else {
        throw file.file.error(
          .engineNeeded,
          "it does not name its engine")
      }
      return own
    }
    if let expected = stored ?? own?.fingerprint, expected != made {
      throw file.file.error(
        .engineMismatch,
        "its vectors are of another engine, \(made.word), and the gallery's of \(expected.word)"
          + (made.word == expected.word
            ? " (\(made.differences(from: expected).joined(separator: "; ")))" : "")
          + ": embed the photos anew, or change the gallery by `galleryctl reembed --engine \(made.word)`"
      )
    }
    return EngineIdentity(
      fingerprint: made, operatingPoint: own?.operatingPoint ?? file.header.operatingPoint,
      engine: own?.engine)
  }

  /// Rows that are stored in one transaction.
  private static let transactionLength = 65_536

  private struct Tag: Hashable {
    let person: PersonID
    let key: String
  }

  private struct Row {
    let name: PersonName?
    let row: FaceRow
    let vector: [UInt8]
  }

  private let store: any Store
  private let file: EmbeddingFile
  private let identity: EngineIdentity?
  private var report = ImportReport()
  private var rows: [Row] = []
  private var names: [String: PersonName] = [:]
  private var known = KnownEmbeddings()

  private init(store: any Store, file: EmbeddingFile, identity: EngineIdentity?) {
    (self.store, self.file, self.identity) = (store, file, identity)
  }

  private var isFull: Bool { rows.count >= Self.transactionLength }

  /// Notes what the gallery holds already.
  private mutating func rememberVectors() throws {
    let (all, counters) = try store.read { (try $0.allEmbeddings(), try $0.counters()) }
    known.note(.all(all), [], at: counters)
  }

  /// Checks rows and keeps them for ``save()``.
  private mutating func take(_ batch: EmbeddingFile.Batch) throws {
    if let dimension = identity?.fingerprint.dimension ?? file.header.dimension, dimension != batch.columns {
      throw file.error(
        .wrongShape, "the vector has \(batch.columns) components, and the engine's have \(dimension)",
        at: batch.places.first ?? 0)
    }
    for (index, row) in batch.rows.enumerated() {
      var row = row
      (row.tags, row.personTags) = try (
        tags(row.tags, at: batch.places[index]), tags(row.personTags, at: batch.places[index])
      )
      let components = batch.vectors[index * batch.columns..<(index + 1) * batch.columns]
      rows.append(
        Row(
          name: try name(row.person, at: batch.places[index]), row: row,
          vector: try encoded(components, at: batch.places[index])))
    }
  }

  private func tags(_ texts: [String: String], at place: Int) throws -> [String: String] {
    do {
      return try TagEntry.all(texts).compactMapValues { $0 }
    } catch {
      throw file.error(.unreadableFile, String(error.message.dropLast()), at: place)
    }
  }

  /// The name that a row gives, nil for an empty one: a face that nobody has named.
  private mutating func name(_ text: String, at place: Int) throws -> PersonName? {
    if text.isEmpty { return nil }
    if let name = names[text] { return name }
    do {
      let name = try PersonName(text)
      names[text] = name
      return name
    } catch {
      throw file.error(.invalidName, String(error.message.dropLast()), at: place)
    }
  }

  /// The bytes of a vector of unit length; one that is of unit length already stays as it is, bit by bit.
  private func encoded(_ components: ArraySlice<Float>, at place: Int) throws -> [UInt8] {
    var squares = 0.0
    for value in components { squares += Double(value) * Double(value) }
    guard squares.isFinite, squares > 0 else {
      let bad = components.firstIndex { !$0.isFinite }
      throw file.error(
        .invalidEmbedding,
        bad.map { "component \($0 - components.startIndex + 1) of the vector is not a finite number" }
          ?? "the vector is all zeros", at: place)
    }
    if abs(squares - 1) < 1e-6 { return VectorBytes.encode(Array(components)) }
    let scale = 1 / squares.squareRoot()
    return VectorBytes.encode(components.map { Float(Double($0) * scale) })
  }

  /// Stores the rows that were taken; they are on disk afterwards. False when there were none.
  private mutating func save() throws -> Bool {
    guard !rows.isEmpty else { return false }
    let (rows, identity, known, file) = (rows, identity, known, file)
    let (added, news, counters, newPeople) = try store.write { writer in
      var added: Set<KnownEmbeddings.Key> = []
      // What others have done since: another import of the same file, or those brought back who were removed.
      let news = try writer.news(since: known)
      let (present, others) =
        switch news {
        case .added(let others): (known.keys, others)
        case .all(let all): (all, [])
        }
      var newPeople = 0
      var tagged: Set<Tag> = []
      let dimension = try writer.settleEngine(identity)
      var people: [PersonName: PersonID] = [:]
      for row in rows {
        guard row.vector.count == 4 * dimension else {
          throw file.file.error(
            .wrongShape,
            "its vectors have \(row.vector.count / 4) components, and those of the gallery have \(dimension)")
        }
        let person: PersonID
        if let name = row.name {
          if let known = try people[name] ?? writer.person(named: name) {
            person = known
          } else {
            person = try writer.insert(name)
            newPeople += 1
          }
          people[name] = person
        } else {
          person = .unnamed
        }
        let key = row.vector.withUnsafeBytes { KnownEmbeddings.Key(person: person, $0) }
        guard !present.contains(key), !others.contains(key), added.insert(key).inserted else { continue }
        let record = StoredFace(
          person: person, added: row.row.added.map { Date(milliseconds: $0) } ?? .storable,
          photo: row.row.photo, detection: row.row.detection, path: row.row.path)
        let face = try writer.insert(record, vector: row.vector, thumbnail: nil)
        try writer.tag(.face(face), row.row.tags)
        let personTags = row.row.personTags.filter { key, _ in
          person != .unnamed && tagged.insert(Tag(person: person, key: key)).inserted
        }
        try writer.tag(.person(person), personTags)
      }
      return (added, news, writer.newCounters, newPeople)
    }
    report.rows += rows.count
    report.added += added.count
    report.skipped += rows.count - added.count
    report.newPeople += newPeople
    self.known.note(news, added, at: counters)
    self.rows.removeAll(keepingCapacity: true)
    return true
  }
}
