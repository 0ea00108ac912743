internal import Foundation
public import GalleryStore
internal import Support

/// What has to be done so that a gallery holds what folders of photos show; see ``Gallery/syncPlan(for:options:progress:)``.
public struct SyncPlan: Sendable {
  /// A photo to be added.
  public struct Addition: Sendable, Hashable {
    /// The photo's path.
    public let path: String
    /// Who is on it; nil when its path does not say so, and it will be refused.
    public let name: String?
    /// The faces that go when its own are there: those of what was at this path before.
    public let replaces: [FaceID]
  }

  /// A photo that lies somewhere else than when its faces were added.
  public struct Move: Sendable, Hashable {
    /// Where it is.
    public let path: String
    /// Where it was.
    public let from: String
    /// Its faces.
    public let faces: [FaceID]
    /// Whose they are.
    public let person: PersonID
    /// Whose they become, since the photo lies in the folder of somebody else now; nil when they stay whose they are.
    public let name: String?
  }

  /// A person all of whose photos have moved to a folder of another name, which nobody has.
  public struct Renaming: Sendable, Hashable {
    /// The person.
    public let person: PersonID
    /// The name so far.
    public let from: String
    /// The name of the folder.
    public let to: String
  }

  /// A photo that is not there any more, or shows something else.
  public struct Missing: Sendable, Hashable {
    /// Where it was.
    public let path: String
    /// Its faces.
    public let faces: [FaceID]
    /// Whose they are; without those who have no name.
    public let names: [String]
    /// Whether a folder above it leads nowhere, or is empty, as when a disk is not mounted: then its faces are not removed.
    public let isUnreachable: Bool
    /// The status of the file of another picture that lies there and could not be used, or shows others; nil when none does.
    let replacedBy: InputFile.Status?
  }

  /// A photo that could not be used before, and has not changed since.
  public struct Refused: Sendable, Hashable {
    /// The photo's path.
    public let path: String
    /// Why, as a word: ``Refusal/kind``.
    public let kind: String
    /// Why, as a sentence.
    public let reason: String
  }

  /// Photos to be added, those in the place of others among them, in the order of their paths.
  public internal(set) var additions: [Addition] = []

  /// Photos that moved.
  public internal(set) var moves: [Move] = []

  /// People who get another name.
  public internal(set) var renamings: [Renaming] = []

  /// Photos that are gone. Only with ``SyncOptions/prune`` their faces are removed.
  public internal(set) var missing: [Missing] = []

  /// Photos that were refused before, and have not changed.
  public internal(set) var refused: [Refused] = []

  /// How many photos are in the gallery and where they were.
  public internal(set) var unchanged = 0

  /// Photos in the folders.
  public internal(set) var photos = 0

  /// Files and folders that were passed over.
  public internal(set) var omissions: [Omission] = []

  /// The options of the plan.
  public let options: SyncOptions

  let files: [SyncFile]
  let cache: PhotoCache

  /// Whether nothing has to be done.
  public var isEmpty: Bool {
    additions.isEmpty && moves.isEmpty && renamings.isEmpty
      && (!options.prune || missing.allSatisfy(\.isUnreachable))
  }

  init(_ files: [SyncFile], omissions: [Omission], cache: PhotoCache, options: SyncOptions) {
    self.files = files
    self.omissions = omissions
    self.cache = cache
    self.options = options
    photos = files.count
  }
}

/// A photo in a folder that a gallery is brought in step with.
struct SyncFile: Sendable {
  let url: URL
  let path: String
  /// Who is on it by its path.
  let name: String?
  /// Nil for a file that cannot be read, which is then tried, and refused with the reason.
  let known: PhotoCache.Entry?
}

/// What became of bringing a gallery in step with folders.
public struct SyncReport: Sendable {
  /// What was to be done; the moves, renamings and, with ``SyncOptions/prune``, the missing photos of it were done.
  public let plan: SyncPlan

  /// A moved photo whose face may not be that of the person in whose folder it lies.
  public struct DoubtfulMove: Sendable, Hashable {
    /// The move; with ``EnrolmentOptions/refusesDoubtful`` the face has stayed whose it was.
    public let move: SyncPlan.Move
    /// What speaks against it.
    public let doubt: EnrolmentDoubt
  }

  /// Moves of which the gallery thinks otherwise.
  public let doubtfulMoves: [DoubtfulMove]

  /// What became of the photos that were to be added, in the order of ``SyncPlan/additions``.
  public let photos: [PhotoReport]

  /// Whether photos were left out that may well be usable: the next run tries them again.
  public var hasFailures: Bool { photos.contains(where: \.isFailure) }

  /// The missing photos whose faces were removed; those that had come back were not.
  public let pruned: [SyncPlan.Missing]

  /// How many faces were removed, since their photos are gone or show something else.
  public let removedFaces: Int

  /// How many people were removed, of whom no face was left.
  public let removedPeople: Int

  /// What was left undone that costs only time: the notes that spare the next run work could not be written.
  public let warning: String?
}
