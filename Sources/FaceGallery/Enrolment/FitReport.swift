/// How far a run of `fitDataset` has come.
public struct FitProgress: Sendable, Hashable {
  /// Photos finished, and on disk where they were added.
  public let done: Int
  /// Photos found in the folder.
  public let total: Int
  /// What became of the photos finished since the last call.
  public let latest: [PhotoReport]
}

/// What became of a folder of photos.
public struct FitReport: Sendable, Hashable {
  /// One report a photo, in the order of their paths.
  public let photos: [PhotoReport]

  /// Files and folders that could not be looked at, each with the reason.
  public let unreadable: [String]

  /// A report by its parts.
  public init(photos: [PhotoReport], unreadable: [String] = []) {
    self.photos = photos
    self.unreadable = unreadable
  }

  /// Photos whose faces were added.
  public var added: Int {
    photos.count { if case .added = $0.outcome { true } else { false } }
  }

  /// Photos that were there already.
  public var skipped: Int {
    photos.count { if case .skipped = $0.outcome { true } else { false } }
  }

  /// Photos that were refused.
  public var refused: Int { photos.count - added - skipped }

  /// Different people of whom a photo was added or was there already.
  public var people: Int {
    Set(photos.lazy.filter { if case .refused = $0.outcome { false } else { true } }.compactMap(\.person))
      .count
  }
}
