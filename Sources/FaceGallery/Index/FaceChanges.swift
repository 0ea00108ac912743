internal import GalleryStore

/// What came and went between two states of the store, as far as an index of faces is concerned.
struct FaceChanges {
  /// Faces that were added and not removed again, once each.
  var added: [UInt64] = []
  /// Faces that were removed and not brought back, which an index of the earlier state may still return.
  var removed: Set<UInt64> = []
  /// The last change that was read.
  private(set) var sequence: UInt64
  /// Its tag.
  private(set) var tag: UInt64 = 0

  /// Reads the changes after `sequence`, at most `limit` of them.
  init(after sequence: UInt64, limit: Int = .max, of snapshot: borrowing Snapshot) throws {
    self.sequence = sequence
    var returned = false
    try snapshot.forEachChange(after: sequence, limit: limit) { number, change in
      (self.sequence, tag) = (number, change.tag)
      switch change.kind {
      case .added:
        let face = change.face.rawValue
        // With its old number and the same vector.
        if removed.remove(face) != nil { returned = true }
        added.append(face)
      case .removed: removed.insert(change.face.rawValue)
      case .moved, .renamed, .personRemoved: break
      }
    }
    if !removed.isEmpty { added.removeAll { removed.contains($0) } }
    if returned {
      var seen: Set<UInt64> = []
      added.removeAll { !seen.insert($0).inserted }
    }
  }

  /// The numbers from the first to the last of those that were added, when few others are between them: so it is but for faces that
  /// came back.
  var addedRange: ClosedRange<UInt64>? {
    guard let first = added.min(), let last = added.max() else { return nil }
    return last - first < 4 * UInt64(added.count) + 4096 ? first...last : nil
  }
}
