public import GalleryStore
public import Imaging

/// What became of one photo that was to be enrolled.
public struct PhotoReport: Sendable, Hashable {
  /// Added, skipped or refused.
  public enum Outcome: Sendable, Hashable {
    /// The faces were added, and are on disk.
    case added([FaceID])
    /// The person has this photo already, with these faces; nothing was done.
    case skipped([FaceID])
    /// Nothing was added, for this reason.
    case refused(Refusal)
  }

  /// Path or name of the photo, when it has one.
  public let photo: String?

  /// The name under which it was to be enrolled, normalised; nil when its faces have none.
  public let name: String?

  /// The person; nil when the photo was refused and nobody has the name, and for faces without one.
  public let person: PersonID?

  /// Added, skipped or refused.
  public let outcome: Outcome

  /// Names of other people of whom the gallery has faces in this same photo, sorted; a group photo may have
  /// several, in a portrait they hint at a mistake.
  public let alsoShows: [String]

  /// What speaks against the name, as far as a face was added: the gallery had better be asked who this is.
  public internal(set) var doubts: [EnrolmentDoubt] = []

  /// How many faces its own took the place of.
  var replaced = 0

  /// What is to be said of the photo's file though its picture was read.
  public internal(set) var remarks: [ImageRemark] = []

  /// A report by its parts.
  public init(photo: String?, name: String?, person: PersonID?, outcome: Outcome, alsoShows: [String] = []) {
    self.photo = photo
    self.name = name
    self.person = person
    self.outcome = outcome
    self.alsoShows = alsoShows
  }
}

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

  /// Files and folders that were passed over.
  public let omissions: [Omission]

  /// A report by its parts.
  public init(photos: [PhotoReport], omissions: [Omission] = []) {
    self.photos = photos
    self.omissions = omissions
  }

  /// Photos whose faces were added.
  public var added: Int {
    photos.count { if case .added = $0.outcome { true } else { false } }
  }

  /// Photos that were skipped: their faces were there before.
  public var skipped: Int {
    photos.count { if case .skipped = $0.outcome { true } else { false } }
  }

  /// Photos that were refused.
  public var refused: Int { photos.count - added - skipped }

  /// Whether photos were refused that may well be usable.
  public var hasFailures: Bool { photos.contains(where: \.isFailure) }

  /// Different people of whom a photo was added, or was there before.
  public var people: Int {
    Set(photos.lazy.filter { if case .refused = $0.outcome { false } else { true } }.compactMap(\.person))
      .count
  }
}

extension PhotoReport {
  /// Whether the photo was refused and may well be usable: the system or the engine was in the way.
  public var isFailure: Bool {
    if case .refused(let refusal) = outcome { refusal.isFailure } else { false }
  }
}
