internal import FaceEngine
public import Foundation
internal import LMDB

extension Gallery {
  /// Adds the embeddings of a file: one that ``exportEmbeddings(to:format:progress:)`` wrote, or one of another
  /// program in one of the forms.
  ///
  /// An embedding that its person has already is skipped, so that an import which was interrupted, or which met a
  /// mistake in the file, is run again. Faces get new numbers. Vectors are scaled to unit length. What is reported as
  /// progress is on disk; the index is not brought up to date, queries see the faces all the same.
  ///
  /// - Parameters:
  ///   - url: The file: `.npy` with a sidecar, `.safetensors` or `.jsonl`.
  ///   - options: Where the sidecar lies, and what a file without a fingerprint means.
  ///   - progress: Called with the number of rows done and of all, when the file tells it.
  /// - Throws: ``GalleryError``: `unreadableFile`, `truncatedFile`, `wrongShape`, `wrongPair` for an array that is not
  ///   the one whose rows are named, `invalidEmbedding`, `invalidName`, all with the ``GalleryError/line`` where that is known; `engineMismatch`, `engineNeeded`, `readOnly`,
  ///   `diskFull`, ….
  /// - Complexity: O(*n*) for the rows of the file and the faces of the gallery; 16 bytes of memory for each of them.
  public func importEmbeddings(
    from url: URL, options: ImportOptions = ImportOptions(), progress: ((Int, Int?) -> Void)? = nil
  ) throws(GalleryError) -> ImportReport {
    try perform { session in
      let file = try EmbeddingFile(url, sidecar: options.sidecar)
      let identity = try identity(of: file, options, session)
      var work = EmbeddingImport(session: session, file: file, identity: identity)
      work.report.warnings = file.warnings
      try work.rememberVectors()
      try file.forEachBatch { batch in
        try work.take(batch)
        if work.isFull {
          try work.store()
          progress?(work.report.rows, file.header.rows)
        }
      }
      try work.store()
      progress?(work.report.rows, file.header.rows)
      return work.report
    }
  }

  /// The engine of a file's vectors.
  private func identity(
    of file: EmbeddingFile, _ options: ImportOptions, _ session: Session
  ) throws -> EngineIdentity? {
    let stored = try session.store.environment.read { try session.store.fingerprint($0) }
    let own = self.identity
    guard let made = file.header.fingerprint else {
      guard options.assumesEngine else {
        throw file.file.error(
          .engineNeeded,
          "it does not say which engine made its vectors; say so if it is the gallery's (--assume-engine)")
      }
      return own
    }
    if let expected = stored ?? own?.fingerprint, expected != made {
      throw file.file.error(
        .engineMismatch,
        "its vectors are of another engine (it has \(made); the gallery has \(expected)); embed the photos anew"
      )
    }
    return EngineIdentity(
      fingerprint: made, operatingPoint: own?.operatingPoint ?? file.header.operatingPoint,
      choice: own?.choice)
  }
}

/// One import: collects rows and stores them many at a time.
private struct EmbeddingImport {
  /// Rows that are stored in one transaction.
  private static let transactionLength = 65_536

  /// A person and a vector as one number of 128 bits: the same embedding is known again by it.
  private struct Key: Hashable {
    var high: UInt64
    var low: UInt64

    init(person: UInt64, _ vector: UnsafeRawBufferPointer) {
      (high, low) = (person &* 0x9E37_79B9_7F4A_7C15, ~person)
      for offset in stride(from: 0, to: vector.count - 3, by: 4) {
        let word = UInt64(vector.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        high = (high ^ word) &* 0x9FB2_1C65_1E98_DF25
        high ^= high >> 32
        low = (low &+ word) &* 0xD6E8_FEB8_6659_FD93
        low ^= low >> 29
      }
    }
  }

  private struct Tag: Hashable {
    let person: PersonID
    let key: String
  }

  private struct Row {
    let name: PersonName?
    let row: FaceRow
    let vector: [UInt8]
  }

  let session: Session
  let file: EmbeddingFile
  let identity: EngineIdentity?
  fileprivate(set) var report = ImportReport()
  private var rows: [Row] = []
  private var names: [String: PersonName] = [:]
  private var known: Set<Key> = []

  init(session: Session, file: EmbeddingFile, identity: EngineIdentity?) {
    (self.session, self.file, self.identity) = (session, file, identity)
  }

  var isFull: Bool { rows.count >= Self.transactionLength }

  /// Notes what the gallery holds already.
  mutating func rememberVectors() throws {
    let store = session.store
    known = try store.environment.read { transaction in
      var known: Set<Key> = []
      known.reserveCapacity(try transaction.count(of: store.tables.vectors))
      try transaction.scan(store.tables.facesByPerson) { person, bytes in
        guard let face = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) else { return true }
        try transaction.withBytes(for: face, in: store.tables.vectors) { vector in
          if let vector { known.insert(vector.withUnsafeBytes { Key(person: person, $0) }) }
        }
        return true
      }
      return known
    }
  }

  /// Checks rows and keeps them for ``store()``.
  mutating func take(_ batch: EmbeddingFile.Batch) throws {
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
    var tags: [String: String] = [:]
    for (key, value) in texts {
      do {
        let entry = try TagEntry(key, value)
        tags[entry.key] = entry.value
      } catch {
        throw file.error(.unreadableFile, String(error.message.dropLast()), at: place)
      }
    }
    return tags
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

  /// Stores the rows that were taken; they are on disk afterwards.
  mutating func store() throws {
    guard !rows.isEmpty else { return }
    let (rows, identity, known, file) = (rows, identity, known, file)
    let outcome = try session.store.write { [store = session.store] transaction, log in
      var added: Set<Key> = []
      var newPeople = 0
      var tagged: Set<Tag> = []
      let form = try store.settleEngine(identity, transaction)
      var people: [PersonName: PersonID] = [:]
      for row in rows {
        guard row.vector.count == 4 * form.dimension else {
          throw file.file.error(
            .wrongShape,
            "its vectors have \(row.vector.count / 4) components, and those of the gallery have \(form.dimension)"
          )
        }
        let person: PersonID
        if let name = row.name {
          if let known = try people[name] ?? store.person(named: name, transaction) {
            person = known
          } else {
            person = try store.insert(name, transaction, &log)
            newPeople += 1
          }
          people[name] = person
        } else {
          person = .unnamed
        }
        let key = row.vector.withUnsafeBytes { Key(person: person.rawValue, $0) }
        guard !known.contains(key), added.insert(key).inserted else { continue }
        let record = FaceRecord(
          person: person, added: row.row.added.map { Date(milliseconds: $0) } ?? .storable,
          photo: row.row.photo,
          detection: row.row.detection, path: row.row.path)
        let face = try store.insert(record, vector: row.vector, form: form, transaction, &log)
        for (key, value) in row.row.tags { try store.setTag(key, value, of: .face(face), transaction) }
        for (key, value) in row.row.personTags
        where person != .unnamed && tagged.insert(Tag(person: person, key: key)).inserted {
          try store.setTag(key, value, of: .person(person), transaction)
        }
      }
      return (added, newPeople)
    }
    session.keeper.didCommit()
    report.rows += rows.count
    report.added += outcome.0.count
    report.skipped += rows.count - outcome.0.count
    report.newPeople += outcome.1
    self.known.formUnion(outcome.0)
    self.rows.removeAll(keepingCapacity: true)
  }
}
