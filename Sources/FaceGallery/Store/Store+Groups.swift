internal import LMDB

extension Store {
  func hasUnnamedFaces(_ transaction: borrowing some Transaction & ~Copyable) throws -> Bool {
    try transaction.contains(PersonID.unnamed.rawValue, in: tables.facesByPerson)
  }

  func unnamedCount(_ transaction: borrowing some Transaction & ~Copyable) throws -> Int {
    try transaction.withCursor(in: tables.facesByPerson) { cursor in
      try cursor.find(PersonID.unnamed.rawValue) ? try cursor.duplicateCount() : 0
    }
  }

  /// The members of each group, older ones first, by the group's number.
  func groups(
    _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [UInt64: [FaceID]] {
    var groups: [UInt64: [FaceID]] = [:]
    guard let table = tables.groups else { return groups }
    try transaction.scan(table) { face, bytes in
      if let group = bytes.withUnsafeBytes({ UInt64(databaseBytes: $0) }) {
        groups[group, default: []].append(FaceID(rawValue: face))
      }
      return true
    }
    return groups
  }

  /// Replaces all groups; faces that are gone or have got a name meanwhile are left out.
  ///
  /// - Parameter groups: Faces that belong together, each in one group at most.
  func setGroups(_ groups: [[FaceID]], _ transaction: borrowing WriteTransaction) throws {
    guard let table = tables.groups else { throw LMDBError.notWritable }
    try transaction.removeAll(from: table)
    let unnamed = Set(try faces(of: .unnamed, transaction))
    var entries: [(face: FaceID, group: UInt64)] = []
    for group in groups {
      let members = group.filter(unnamed.contains)
      guard let oldest = members.min() else { continue }
      entries += members.map { ($0, oldest.rawValue) }
    }
    for entry in entries.sorted(by: { $0.face < $1.face }) {
      try transaction.put(entry.group, for: entry.face.rawValue, in: table, mode: .append)
    }
  }
}
