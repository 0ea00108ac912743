internal import LMDB

extension Store {
  /// How many records are read at a time before they are written anew.
  private static let checksumBatch = 4096

  /// What `meta` holds about the records that make a gallery.
  static func headChecksum(_ format: [UInt8], _ uuid: [UInt8], _ created: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(CRC32C.of(format + uuid + created))
    return writer.bytes
  }

  /// The checksum that the head should have; nil where a part of it is missing.
  func headChecksum(_ transaction: borrowing some Transaction & ~Copyable) throws -> [UInt8]? {
    guard let format = try transaction.value(for: MetaKey.format, in: tables.meta),
      let uuid = try transaction.value(for: MetaKey.uuid, in: tables.meta),
      let created = try transaction.value(for: MetaKey.created, in: tables.meta)
    else { return nil }
    return Self.headChecksum(format, uuid, created)
  }

  /// The checksums of a face's vector and picture as they are.
  func checksums(
    of face: UInt64, form: VectorForm, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> FaceRecord.Checksums? {
    guard let vector = try transaction.value(for: face, in: tables.vectors) else { return nil }
    let picture = try tables.thumbnails.flatMap { try transaction.value(for: face, in: $0) }
    return FaceRecord.Checksums(
      engine: form.engine, vector: CRC32C.of(vector), picture: picture.map { CRC32C.of($0) } ?? 0)
  }

  /// Makes sure that a face's vector is what was written.
  ///
  /// - Throws: ``GalleryError`` with code `damaged`. Vectors that were written before format 1.3 have no checksum.
  func checkVector(_ bytes: RawSpan, of face: UInt64, _ record: FaceRecord, _ form: VectorForm) throws {
    guard bytes.byteCount == 4 * form.dimension else {
      throw Self.damaged("the vector of face \(face) has \(bytes.byteCount) bytes")
    }
    guard let checksums = record.checksums, checksums.engine == form.engine else { return }
    guard bytes.withUnsafeBytes({ CRC32C.of($0) }) == checksums.vector else {
      throw Self.damaged("the vector of face \(face) is not what was written")
    }
  }

  /// Makes sure that the vectors of faces are what was written.
  ///
  /// - Throws: ``GalleryError`` with code `damaged`.
  func checkVectors(of faces: some Sequence<UInt64>, _ transaction: borrowing some Transaction & ~Copyable)
    throws
  {
    guard let fingerprint = try fingerprint(transaction) else { return }
    let form = VectorForm(fingerprint)
    for face in faces {
      guard let record = try faceRecord(FaceID(rawValue: face), transaction) else {
        throw Self.damaged("face \(face) has a vector and no record")
      }
      try transaction.withBytes(for: face, in: tables.vectors) { bytes in
        guard let bytes else { throw Self.damaged("the vector of face \(face) is missing") }
        try checkVector(bytes, of: face, record, form)
      }
    }
  }

  /// Gives every record that was written before format 1.3 its checksums.
  ///
  /// - Parameter doubtful: Faces whose vectors or pictures are known not to be what was written.
  func addChecksums(except doubtful: Set<UInt64>, _ transaction: borrowing WriteTransaction) throws {
    if let fingerprint = try fingerprint(transaction) {
      let form = VectorForm(fingerprint)
      try rewrite(tables.faces, transaction) { face, bytes in
        guard !doubtful.contains(face), var record = try? FaceRecord(decoding: bytes),
          record.checksums?.engine != form.engine,
          let checksums = try checksums(of: face, form: form, transaction)
        else { return nil }
        record.checksums = checksums
        return record.encoded
      }
      try transaction.put(try SealedJSON.encode(fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    }
    try rewrite(tables.persons, transaction) { _, bytes in
      guard let version = bytes.first, version < PersonRecord.version else { return nil }
      return (try? PersonRecord(decoding: bytes))?.encoded
    }
    try rewrite(tables.changes, transaction) { _, bytes in
      Change.isSealed(bytes) ? nil : (try? Change(decoding: bytes))?.encoded
    }
    if let point = try operatingPoint(transaction) {
      try transaction.put(try SealedJSON.encode(point), for: MetaKey.operatingPoint, in: tables.meta)
    }
    if let choice = try engineSpecification(transaction) {
      try transaction.put(try SealedJSON.encode(choice), for: MetaKey.engineSpecification, in: tables.meta)
    }
    try transaction.put(try counters(transaction).encoded, for: MetaKey.counters, in: tables.meta)
    if let head = try headChecksum(transaction) {
      try transaction.put(head, for: MetaKey.headChecksum, in: tables.meta)
    }
  }

  /// Replaces the values of a table for which `body` gives others.
  private func rewrite(
    _ table: Database<UInt64, [UInt8]>, _ transaction: borrowing WriteTransaction,
    _ body: (UInt64, [UInt8]) throws -> [UInt8]?
  ) throws {
    var next: UInt64 = 0
    while true {
      var seen = 0
      var changed: [(key: UInt64, value: [UInt8])] = []
      try transaction.scan(table, from: next) { key, bytes in
        (seen, next) = (seen + 1, key + 1)
        if let value = try body(key, bytes.withUnsafeBytes { Array($0) }) { changed.append((key, value)) }
        return seen < Self.checksumBatch
      }
      for (key, value) in changed { try transaction.put(value, for: key, in: table) }
      if seen < Self.checksumBatch { return }
    }
  }
}
