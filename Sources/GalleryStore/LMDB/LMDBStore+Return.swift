internal import FaceEngine
package import Foundation
internal import LMDB

extension LMDBStore {
  /// Adds the people of an earlier state of this store who are not there any more, and their faces, in one step. The log
  /// begins anew.
  ///
  /// Numbers are never given out twice, so who or what has a number that is taken is there already. A person whose name
  /// somebody else has got meanwhile gives that person the faces.
  ///
  /// - Parameters:
  ///   - folder: A copy that ``copy(to:)`` made before.
  ///   - name: Its name among the ``StoreSnapshot/keptCopies()``, where it is not any more afterwards.
  /// - Returns: How many people and faces were added; nil when the copy does not count, or no more.
  /// - Throws: ``GalleryError`` with code `engineMismatch`, ….
  package func takeBack(
    from folder: URL, named name: String
  ) throws -> (people: Int, faces: Int)? {
    try change { writer in
      let kept = try writer.keptCopies()
      guard kept.contains(name) else { return nil }
      // Not before: a writer may have removed somebody from it, or all of it.
      let source = try LMDBStore(at: folder, access: .readOnly)
      guard source.uuid == uuid else { throw GalleryError.damaged("a kept copy is another gallery's") }
      let returned = try source.view(ahead: true) { old in try writer.takeBack(from: old) }
      try writer.setKeptCopies(kept.filter { $0 != name })
      return returned
    }
  }
}

extension LMDBWriter {
  fileprivate func takeBack(from old: borrowing LMDBSnapshot) throws -> (people: Int, faces: Int) {
    guard try old.fingerprint()?.digest == fingerprint()?.digest else {
      throw GalleryError(
        .engineMismatch,
        "The gallery has embeddings of another engine than when everybody was removed; restore the kept copy instead."
      )
    }
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
      } else {
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
    var faces = 0
    try old.forEachEncodedFace { id, stored in
      // Faces without a name were not removed with the people.
      guard stored.record.person != .unnamed, try !contains(id) else { return true }
      guard let target = targets[stored.record.person] else {
        throw GalleryError.damaged("person \(stored.record.person) of a kept copy is missing")
      }
      var stored = stored
      stored.record.person = target
      guard try !isThere(stored.record) else { return true }
      guard let vector = try old.value(for: id.rawValue, in: old.tables.vectors) else {
        throw GalleryError.damaged("the vector of face \(id) of a kept copy is missing")
      }
      let picture = try old.tables.thumbnails.flatMap { try old.value(for: id.rawValue, in: $0) }
      try put(stored, vector, picture, as: id)
      for (name, value) in try old.tags(of: .face(id)) { try setTag(name, value, of: .face(id)) }
      faces += 1
      return true
    }
    guard people + faces > 0 else { return (0, 0) }
    let counters = try old.counters()
    log.raise(person: counters.lastPerson, face: counters.lastFace)
    try restartLog()
    return (people, faces)
  }

  /// Whether the person has this face of this photo under another number.
  private func isThere(_ record: StoredFace) throws -> Bool {
    guard let photo = record.photo else { return false }
    return try faces(in: photo).contains { id in
      let other = try faceRecord(id)
      return other?.person == record.person && other?.detection?.box == record.detection?.box
    }
  }
}
