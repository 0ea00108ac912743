internal import LMDB

extension StoreCheck {
  /// Checks that every mark belongs to somebody, and that the table that finds by marks lists exactly them.
  mutating func checkMetadata(_ transaction: borrowing some Transaction & ~Copyable) throws {
    guard let table = store.tables.metadata, let index = store.tables.metadataIndex else { return }
    try transaction.withCursor(in: table) { cursor in
      while try cursor.next() {
        let place = try cursor.key
        guard let (owner, key) = MetadataOwner.decode(place), try isThere(owner, transaction) else {
          note(.metadata, "a mark belongs to nobody", fix: .dropMetadata(place))
          continue
        }
        let listed = Store.indexKey(owner.kind, key, try cursor.value)
        if try !transaction.contains(owner.number, of: listed, in: index) {
          note(.metadata, "a mark is not found by its value", fix: .listMetadata(listed, owner: owner.number))
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
            .metadata, "the list of marks names somebody who is not marked",
            fix: .unlistMetadata(listed, owner: number))
        }
      }
    }
  }

  private func isThere(
    _ owner: MetadataOwner, _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> Bool {
    switch owner {
    case .person(let id): try transaction.contains(id.rawValue, in: store.tables.persons)
    case .face(let id): try transaction.contains(id.rawValue, in: store.tables.faces)
    }
  }
}
