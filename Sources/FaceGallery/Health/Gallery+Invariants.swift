internal import LMDB
internal import VectorIndex

extension Gallery {
  /// Reads everything and checks it: records, references, unit lengths, the change log, the graph of the index
  /// and that it holds exactly the stored faces.
  ///
  /// An index whose snapshot is damaged is built anew and then checked: the store has lost nothing by it, and
  /// ``GalleryInfo/snapshot`` tells. ``check(repair:recallSample:progress:)`` reports all that is wrong.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` that names the first thing that is wrong.
  /// - Complexity: O(*n*).
  public func checkInvariants() throws(GalleryError) {
    try perform { session in
      let (store, keeper) = (session.store, session.keeper)
      try store.environment.read { transaction in
        var check = StoreCheck(store)
        try check.run(transaction)
        if let trouble = check.report.firstTrouble {
          throw Store.damaged(trouble.message, remedy: trouble.remedy)
        }
      }
      try keeper.catchUp()
      try keeper.withSoundIndex {
        try store.environment.read { transaction in
          guard let view = keeper.view else { return }
          try view.index.checkInvariants()
          let counters = try store.counters(transaction)
          // Another thread or process may have gone on; then the two cannot be compared.
          guard view.sequence == counters.sequence, keeper.view?.sequence == view.sequence else { return }
          if let difference = try Self.difference(between: view.index, and: store, transaction) {
            throw Store.damaged(difference, remedy: "rebuild the index")
          }
        }
      }
    }
  }
}
