internal import LMDB

extension Store {
  /// Everything that a person or a face is tagged with.
  func tags(
    of owner: TagOwner, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [String: String] {
    guard let table = tables.metadata else { return [:] }
    let prefix = owner.prefix
    return try transaction.withCursor(in: table) { cursor in
      var found: [String: String] = [:]
      guard try cursor.seek(prefix) else { return found }
      repeat {
        let bytes = try cursor.key
        guard bytes.starts(with: prefix) else { break }
        guard let (_, key) = TagOwner.decode(bytes) else {
          throw Self.damaged("metadata cannot be read")
        }
        let value = try cursor.value
        // Tags have no checksums, but are listed twice.
        if let index = tables.metadataIndex,
          try !transaction.contains(owner.number, of: Self.indexKey(owner.kind, key, value), in: index)
        {
          throw Self.damaged("a tag is not what was written")
        }
        found[key] = String(decoding: value, as: UTF8.self)
      } while try cursor.next()
      return found
    }
  }

  /// Tags a person or a face; nil takes a tag away.
  func setTag(
    _ key: String, _ value: String?, of owner: TagOwner, _ transaction: borrowing WriteTransaction
  ) throws {
    guard let table = tables.metadata, let index = tables.metadataIndex else { return }
    let place = owner.prefix + Array(key.utf8)
    if let old = try transaction.value(for: place, in: table) {
      try transaction.remove(owner.number, of: Self.indexKey(owner.kind, key, old), from: index)
      try transaction.remove(place, from: table)
    }
    guard let value else { return }
    try transaction.put(Array(value.utf8), for: place, in: table)
    try transaction.put(owner.number, for: Self.indexKey(owner.kind, key, Array(value.utf8)), in: index)
  }

  func removeTags(of owner: TagOwner, _ transaction: borrowing WriteTransaction) throws {
    for key in try tags(of: owner, transaction).keys { try setTag(key, nil, of: owner, transaction) }
  }

  /// The key of `metadataIndex` that lists everybody with this tag.
  static func indexKey(_ kind: UInt8, _ key: String, _ value: [UInt8]) -> [UInt8] {
    [kind] + Array(key.utf8) + [0] + value
  }

  /// The faces that meet all conditions, each by a tag of their own or of their person's.
  ///
  /// - Complexity: O(*f* log *n*) for *f* faces that meet one of them.
  func faces(
    matching conditions: [TagCondition], _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> FaceFilter {
    let last = try counters(transaction).lastFace
    var result: FaceFilter?
    for condition in conditions {
      let entry = try TagEntry(condition.key, condition.value ?? "")
      let value = condition.value.map { _ in Array(entry.value.utf8) }
      var filter = FaceFilter(lastFace: last)
      for face in try owners(2, entry.key, value, transaction) { filter.insert(face) }
      for person in try owners(1, entry.key, value, transaction) {
        for face in try faces(of: PersonID(rawValue: person), transaction) { filter.insert(face.rawValue) }
      }
      result = result?.intersection(filter) ?? filter
    }
    return result ?? FaceFilter(lastFace: 0)
  }

  /// The numbers of those with a tag; with any value of it when `value` is nil.
  private func owners(
    _ kind: UInt8, _ key: String, _ value: [UInt8]?, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> [UInt64] {
    guard let index = tables.metadataIndex else { return [] }
    let wanted = Self.indexKey(kind, key, value ?? [])
    return try transaction.withCursor(in: index) { cursor in
      var owners: [UInt64] = []
      guard try cursor.seek(wanted) else { return owners }
      while true {
        let found = try cursor.key
        guard value == nil ? found.starts(with: wanted) : found == wanted else { break }
        repeat { owners.append(try cursor.value) } while try cursor.nextDuplicate()
        guard try cursor.nextKey() else { break }
      }
      return owners
    }
  }
}
