internal import GalleryStore

/// What came and went between two states of the store, as far as an index of faces is concerned.
struct FaceChanges {
  /// Faces that were added and not removed again.
  var added: [UInt64] = []
  /// Faces that were removed, which an index of the earlier state may still return.
  var removed: Set<UInt64> = []
  /// The last change that was read.
  private(set) var sequence: UInt64
  /// Its tag.
  private(set) var tag: UInt64 = 0

  /// Reads the changes after `sequence`, at most `limit` of them.
  init(after sequence: UInt64, limit: Int = .max, of snapshot: borrowing Snapshot) throws {
    self.sequence = sequence
    try snapshot.forEachChange(after: sequence, limit: limit) { number, change in
      (self.sequence, tag) = (number, change.tag)
      switch change.kind {
      case .added: added.append(change.face.rawValue)
      case .removed: removed.insert(change.face.rawValue)
      case .moved, .renamed, .personRemoved: break
      }
    }
    if !removed.isEmpty { added.removeAll { removed.contains($0) } }
  }
}
