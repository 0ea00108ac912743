internal import LMDB
internal import VectorIndex

extension Gallery {
  /// Reads everything and checks it: records, references, unit lengths, the change log, the graph of the index
  /// and that it holds exactly the stored faces.
  ///
  /// An index whose snapshot is damaged is built anew and then checked: the store has lost nothing by it, and
  /// ``GalleryInfo/snapshot`` tells.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` that names the first thing that is wrong.
  /// - Complexity: O(*n*).
  public func checkInvariants() throws(GalleryError) {
    try perform { session in
      let (store, keeper) = (session.store, session.keeper)
      try keeper.catchUp()
      try keeper.withSoundIndex {
        try store.environment.read { transaction in
          try store.checkInvariants(transaction)
          guard let view = keeper.view else { return }
          try view.index.checkInvariants()
          let counters = try store.counters(transaction)
          // Another thread or process may have gone on; then the two cannot be compared.
          guard view.sequence == counters.sequence, keeper.view?.sequence == view.sequence else { return }
          try compare(view.index, with: store, transaction)
        }
      }
    }
  }

  /// Checks that the index holds exactly the stored vectors.
  private func compare(
    _ index: HNSWIndex, with store: Store, _ transaction: borrowing ReadTransaction
  ) throws {
    var stored = 0
    try transaction.withCursor(in: store.tables.vectors) { cursor in
      while try cursor.next() {
        let face = try cursor.key
        guard index.vector(for: face) == cursor.withBytes({ VectorBytes.decode($0) }) else {
          throw Store.damaged("face \(face) is not in the index as it is stored; rebuild the index")
        }
        stored += 1
      }
    }
    guard index.count == stored else {
      throw Store.damaged("the index holds faces that were removed; rebuild the index")
    }
  }
}
