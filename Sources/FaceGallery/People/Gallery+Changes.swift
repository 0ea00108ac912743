public import GalleryStore

/// Something that happened to a gallery.
public struct GalleryChange: Sendable, Hashable {
  /// What happened.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A face was added.
    case faceAdded = "face-added"
    /// A face was removed.
    case faceRemoved = "face-removed"
    /// A face went from somebody else to the person.
    case faceMoved = "face-moved"
    /// The person got another name, or what the person or one of the faces is tagged with was changed.
    case personChanged = "person-changed"
    /// The person was removed, after the faces.
    case personRemoved = "person-removed"
    /// The log begins here anew: everything may have changed.
    case restarted
  }

  /// The number of the change: one more than the one before.
  public let sequence: UInt64
  /// What happened.
  public let kind: Kind
  /// The face; nil for what happened to a person.
  public let face: FaceID?
  /// Whose face it is, or was when it was removed; ``PersonID/unnamed`` for a face without a name, nil when the log begins anew.
  public let person: PersonID?
}

/// Some of the changes of a gallery, in their order.
public struct ChangePage: Sendable, Hashable {
  /// Those of the page.
  public let changes: [GalleryChange]
  /// The last change that was looked at: the next page begins after it.
  public let last: UInt64
  /// Whether others follow.
  public let hasMore: Bool
}

extension Gallery {
  /// At most so many changes are looked at for a page.
  private static let changesOfPage = 10_000

  /// A page of the changes of the gallery, by whatever process.
  ///
  /// - Parameters:
  ///   - sequence: The page begins after this change; nil begins at the oldest that the log still holds.
  ///   - limit: At most so many changes are on the page.
  ///   - isWanted: Which changes are listed. Where few are, a page may end early: it goes on after ``ChangePage/last``.
  /// - Returns: The page; nil when the log does not reach back to `sequence`, or not on to it, as after a restored backup.
  /// - Throws: ``GalleryError``: `invalidArgument` for a limit below 1.
  /// - Complexity: O(*c*) for *c* changes that are looked at, 10,000 at most.
  public func changes(
    after sequence: UInt64? = nil, limit: Int, where isWanted: (GalleryChange) -> Bool = { _ in true }
  ) throws(GalleryError) -> ChangePage? {
    guard limit > 0 else { throw GalleryError(.invalidArgument, "A page of changes has 1 change or more.") }
    return try read { snapshot in
      let counters = try snapshot.counters()
      let start = sequence ?? counters.trimmed
      guard (counters.trimmed...counters.sequence).contains(start) else { return nil }
      var (changes, last): ([GalleryChange], UInt64) = ([], start)
      try snapshot.forEachChange(after: start, limit: Self.changesOfPage) { number, change in
        guard changes.count < limit else { return }
        last = number
        let change = GalleryChange(number, change)
        if isWanted(change) { changes.append(change) }
      }
      return ChangePage(changes: changes, last: last, hasMore: last < counters.sequence)
    }
  }
}

extension GalleryChange {
  fileprivate init(_ number: UInt64, _ change: Change) {
    sequence = number
    let isRestart = change.kind == .renamed && change.person.rawValue == 0
    kind =
      switch change.kind {
      case .added: .faceAdded
      case .removed: .faceRemoved
      case .moved: .faceMoved
      case .renamed: isRestart ? .restarted : .personChanged
      case .personRemoved: .personRemoved
      }
    face = change.face.rawValue == 0 ? nil : change.face
    person = isRestart ? nil : change.person
  }
}
