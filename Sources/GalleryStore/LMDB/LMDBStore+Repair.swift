internal import FaceEngine
internal import LMDB

extension LMDBStore {
  package func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport {
    let (report, needsRepair) = try view(ahead: true) { snapshot in
      let total = try snapshot.count(of: tables.faces)
      var check = StoreCheck { progress?(min($0, total), total) }
      try check.run(snapshot)
      return (check.report, !check.fixes.isEmpty || check.report.withoutChecksum > 0)
    }
    guard repair, needsRepair else { return report }
    // Once more as the writer: what is repaired is what is there now.
    return try change { writer in
      writer.log.touch()
      var check = StoreCheck()
      try check.run(writer)
      for fix in check.fixes { try fix.apply(writer) }
      if check.report.withoutChecksum > 0 { try writer.addChecksums(except: check.doubtful) }
      var report = check.report
      for place in report.findings.indices where report.findings[place].isRepairable {
        report.findings[place].isRepaired = true
      }
      return report
    }
  }

  /// What `meta` holds about the records that make a gallery.
  static func headChecksum(_ format: [UInt8], _ uuid: [UInt8], _ created: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(CRC32C.of(format + uuid + created))
    return writer.bytes
  }
}

extension LMDBReading where Self: ~Copyable {
  /// The checksum that the head should have; nil where a part of it is missing.
  func headChecksum() throws -> [UInt8]? {
    guard let format = try value(for: MetaKey.format, in: tables.meta),
      let uuid = try value(for: MetaKey.uuid, in: tables.meta),
      let created = try value(for: MetaKey.created, in: tables.meta)
    else { return nil }
    return LMDBStore.headChecksum(format, uuid, created)
  }
}

extension LMDBWriter {
  /// How many records are read at a time before they are written anew.
  static let batch = 4096

  /// Gives every record that was written before format 1.3 its checksums.
  ///
  /// - Parameter doubtful: Faces whose vectors or thumbnails are known not to be what was written.
  fileprivate func addChecksums(except doubtful: Set<UInt64>) throws {
    if let fingerprint = try fingerprint() {
      let form = VectorForm(fingerprint)
      try rewrite(tables.faces) { face, bytes in
        guard !doubtful.contains(face), var stored = try? EncodedFace(decoding: bytes),
          stored.checksums?.engine != form.engine, let checksums = try checksums(of: face, form)
        else { return nil }
        stored.checksums = checksums
        return stored.encoded
      }
      try put(try SealedJSON.encode(fingerprint), for: MetaKey.fingerprint, in: tables.meta)
    }
    try rewrite(tables.persons) { _, bytes in
      guard let version = bytes.first, version < EncodedPerson.version else { return nil }
      return (try? EncodedPerson(decoding: bytes))?.encoded
    }
    try rewrite(tables.changes) { _, bytes in
      Change.isSealed(bytes) ? nil : (try? Change(decoding: bytes))?.encoded
    }
    if let point = try operatingPoint() {
      try put(try SealedJSON.encode(point), for: MetaKey.operatingPoint, in: tables.meta)
    }
    if let choice = try engineSpecification() {
      try put(try SealedJSON.encode(choice), for: MetaKey.engineSpecification, in: tables.meta)
    }
    try put(try counters().encoded, for: MetaKey.counters, in: tables.meta)
    if let head = try headChecksum() { try put(head, for: MetaKey.headChecksum, in: tables.meta) }
  }

  /// The checksums of a face's vector and thumbnail as they are.
  private func checksums(of face: UInt64, _ form: VectorForm) throws -> EncodedFace.Checksums? {
    guard let vector = try value(for: face, in: tables.vectors) else { return nil }
    let thumbnail = try tables.thumbnails.flatMap { try value(for: face, in: $0) }
    return EncodedFace.Checksums(
      engine: form.engine, vector: CRC32C.of(vector), thumbnail: thumbnail.map { CRC32C.of($0) } ?? 0)
  }

  /// Replaces the values of a table for which `body` gives others.
  private func rewrite(
    _ table: Database<UInt64, [UInt8]>, _ body: (UInt64, [UInt8]) throws -> [UInt8]?
  ) throws {
    var next: UInt64 = 0
    while true {
      var seen = 0
      var changed: [(key: UInt64, value: [UInt8])] = []
      try scan(table, from: next) { key, bytes in
        (seen, next) = (seen + 1, key + 1)
        if let value = try body(key, bytes.withUnsafeBytes { Array($0) }) { changed.append((key, value)) }
        return seen < Self.batch
      }
      for (key, value) in changed { try put(value, for: key, in: table) }
      if seen < Self.batch { return }
    }
  }
}
