internal import FaceEngine
package import Foundation
internal import LMDB

extension LMDBStore {
  package func takeBack(
    from folder: URL, named name: String, carryOut: ([String]) throws -> Void
  ) throws -> (people: Int, faces: Int, skipped: Int)? {
    try change { writer in
      var kept = try writer.keptCopies()
      guard kept.names.contains(name) else { return nil }
      // Not before: a writer may have removed somebody from it, or all of it.
      try carryOut(kept.removals)
      let source = try Self.soundCopy(at: folder, named: name)
      guard source.uuid == uuid else { throw GalleryError.damagedCopy(name, "it is another gallery's") }
      let returned = try source.view(ahead: true) { old in try writer.takeBack(from: old) }
      kept.names.removeAll { $0 == name }
      try writer.setKeptCopies(kept)
      return returned
    }
  }

  /// Opens a copy of whose people and faces nothing is lost.
  private static func soundCopy(at folder: URL, named name: String) throws -> LMDBStore {
    let (source, report): (LMDBStore, HealthReport)
    do {
      source = try LMDBStore(at: folder, access: .readOnly)
      report = try source.check(repair: false, progress: nil)
    } catch {
      guard let error = error as? GalleryError ?? GalleryError(ofStore: error) else { throw error }
      // A later version did not write it: it was made for this store.
      throw error.isDamage || error.code == .newerVersion ? .damagedCopy(name, error.message) : error
    }
    // Of a tag's two places nobody knows which is the right one.
    if let loss = report.findings.first(where: { !$0.isRepairable || $0.part == .tags }) {
      throw GalleryError.damagedCopy(name, loss.message)
    }
    return source
  }
}

extension GalleryError {
  /// The error for a copy, kept before everybody was removed, that is not what was written.
  package static func damagedCopy(_ name: String, _ what: String) -> GalleryError {
    GalleryError(
      .damaged,
      "The copy \(name) of removed people is damaged, and nobody was brought back from it: \(what)"
        + (what.hasSuffix(".") ? "" : "."))
  }
}

extension LMDBWriter {
  fileprivate func takeBack(
    from old: borrowing LMDBSnapshot
  ) throws -> (people: Int, faces: Int, skipped: Int) {
    let (before, now) = (try old.fingerprint(), try fingerprint())
    guard before?.digest == now?.digest else {
      throw GalleryError(
        .engineMismatch,
        "The gallery has embeddings of another engine (\(now?.word ?? "none yet")) than when everybody was removed "
          + "(\(before?.word ?? "none")); restore the kept copy instead.")
    }
    // Before any of them is added: what is there now was added since.
    let (faces, complete, skipped) = try missing(of: old)
    var people = 0
    var targets: [PersonID: PersonID] = [:]
    try old.scan(old.tables.persons) { number, bytes in
      let id = PersonID(rawValue: number)
      let copy = bytes.withUnsafeBytes { Array($0) }
      let person = try decoding("the record of person \(id)") { try EncodedPerson(decoding: copy) }
      if try contains(id) {
        targets[id] = id
      } else if let other = try self.person(named: PersonName(stored: person.record.name)) {
        targets[id] = other
      } else if !complete.contains(id) {
        try put(person.encoded, for: number, in: tables.persons)
        try put(number, for: person.record.name, in: tables.personsByName, mode: .insert)
        try list(person.record.name, of: id)
        for (key, value) in try old.tags(of: .person(id)) {
          try setTag(key, value, of: .person(id))
        }
        targets[id] = id
        people += 1
      }
      return true
    }
    for id in faces {
      guard var stored = try old.encodedFace(id), let target = targets[stored.record.person],
        let vector = try old.value(for: id.rawValue, in: old.tables.vectors)
      else { throw GalleryError.damaged("a part of face \(id) of a kept copy is missing") }
      stored.record.person = target
      let thumbnail = try old.tables.thumbnails.flatMap { try old.value(for: id.rawValue, in: $0) }
      try put(stored, vector, thumbnail, as: id)
      for (name, value) in try old.tags(of: .face(id)) { try setTag(name, value, of: .face(id)) }
    }
    guard people + faces.count > 0 else { return (0, 0, skipped) }
    let counters = try old.counters()
    log.raise(person: counters.lastPerson, face: counters.lastFace)
    try restartLog()
    return (people, faces.count, skipped)
  }

  /// The faces of an earlier state that are not there any more, who had faces then that have all been added again since, and
  /// how many of these there are.
  private func missing(
    of old: borrowing LMDBSnapshot
  ) throws -> (faces: [FaceID], complete: Set<PersonID>, again: Int) {
    var faces: [FaceID] = []
    var (incomplete, complete): (Set<PersonID>, Set<PersonID>) = ([], [])
    var again = 0
    let known = KnownVectors()
    try old.forEachFace { id, record in
      // Faces without a name were not removed with the people.
      guard record.person != .unnamed, try !contains(id) else { return true }
      if try isThere(id, record, of: old, known) {
        again += 1
        complete.insert(record.person)
      } else {
        faces.append(id)
        incomplete.insert(record.person)
      }
      return true
    }
    return (faces, complete.subtracting(incomplete), again)
  }

  /// Whether somebody has this face of an earlier state by now: from the same place of the same photo or, without a photo, with
  /// the same vector.
  private func isThere(
    _ id: FaceID, _ record: StoredFace, of old: borrowing LMDBSnapshot, _ known: KnownVectors
  ) throws -> Bool {
    if let photo = record.photo {
      return try faces(in: photo).contains { other in
        let other = try storedRecord(other)
        return other.person != .unnamed && other.isSameFace(at: record.detection?.box)
      }
    }
    guard let vector = try old.value(for: id.rawValue, in: old.tables.vectors) else { return false }
    return try known.faces(CRC32C.of(vector), self).contains {
      try value(for: $0, in: tables.vectors) == vector
    }
  }

  /// The named faces without a photo by the checksums of their vectors; looked up when they are first asked for.
  private final class KnownVectors {
    private var table: [UInt32: [UInt64]]?

    func faces(_ checksum: UInt32, _ writer: borrowing LMDBWriter) throws -> [UInt64] {
      if let table { return table[checksum] ?? [] }
      var found: [UInt32: [UInt64]] = [:]
      try writer.forEachFace { id, record in
        guard record.photo == nil, record.person != .unnamed else { return true }
        _ = try writer.withVector(of: id.rawValue) { found[CRC32C.of($0), default: []].append(id.rawValue) }
        return true
      }
      table = found
      return found[checksum] ?? []
    }
  }
}
