internal import LMDB

extension StoreCheck {
  /// Checks that every tag belongs to somebody, and that the table that finds by tags lists exactly them.
  mutating func checkMetadata(_ transaction: borrowing some Transaction & ~Copyable) throws {
    guard let table = store.tables.metadata, let index = store.tables.metadataIndex else { return }
    try transaction.withCursor(in: table) { cursor in
      while try cursor.next() {
        let place = try cursor.key
        guard let (owner, key) = TagOwner.decode(place), try isThere(owner, transaction) else {
          note(.tags, "a tag belongs to nobody", fix: .dropTag(place))
          continue
        }
        let listed = Store.indexKey(owner.kind, key, try cursor.value)
        if try !transaction.contains(owner.number, of: listed, in: index) {
          note(.tags, "a tag is not found by its value", fix: .listTag(listed, owner: owner.number))
        }
      }
    }
    try transaction.withCursor(in: index) { cursor in
      while try cursor.next() {
        let (listed, number) = (try cursor.key, try cursor.value)
        let parts = listed.dropFirst().split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        var value: [UInt8]?
        if parts.count == 2 {
          let prefix = withUnsafeBytes(of: number.bigEndian) { [listed[0]] + Array($0) }
          value = try transaction.value(for: prefix + Array(parts[0]), in: table)
        }
        if value.map({ $0[...] == parts[1] }) != true {
          note(
            .tags, "the list of tags names somebody who is not tagged",
            fix: .unlistMetadata(listed, owner: number))
        }
      }
    }
  }

  private func isThere(
    _ owner: TagOwner, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> Bool {
    switch owner {
    case .person(let id): try transaction.contains(id.rawValue, in: store.tables.persons)
    case .face(let id): try transaction.contains(id.rawValue, in: store.tables.faces)
    }
  }
}
