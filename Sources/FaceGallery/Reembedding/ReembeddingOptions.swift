public import Foundation
public import GalleryStore
public import Imaging

/// How a gallery goes over to another engine.
public struct ReembeddingOptions: Sendable, Hashable {
  /// Where photos are looked for that do not lie any more where they were added from: a folder, with all folders in
  /// it. They are recognised by their SHA-256, whatever they are called now.
  public var photos: URL?

  /// Whether faces whose photo is missing or damaged are removed; otherwise they stop the change.
  public var dropsMissing: Bool

  /// Whether faces are removed that the new engine does not find again in their photos, which are there; otherwise they stop the change.
  public var dropsUnfound: Bool

  /// Whether photos count as missing, too, whose folder is not there or holds no photo, or in whose place is something that cannot be read
  /// to its end, and all that such folders and files of ``photos`` may be: else nothing is dropped then, as a disk may not be mounted.
  public var takesFoldersAsGone: Bool

  /// Limits on the photos that are read.
  public var decoder: ImageDecoder

  /// Options; without any, photos are read from where they were.
  public init(
    photos: URL? = nil, dropsMissing: Bool = false, dropsUnfound: Bool = false,
    takesFoldersAsGone: Bool = false, decoder: ImageDecoder = ImageDecoder()
  ) {
    self.photos = photos
    self.dropsMissing = dropsMissing
    self.dropsUnfound = dropsUnfound
    self.takesFoldersAsGone = takesFoldersAsGone
    self.decoder = decoder
  }
}

/// How far the change to another engine has come.
public struct ReembeddingProgress: Sendable, Hashable {
  /// What is being done.
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    /// Photos are read where they were, or by their names, and their faces embedded.
    case embedding
    /// Files are read to recognise the photos that are still missing.
    case searching
    /// The index is built from the new embeddings.
    case indexing
  }

  /// What is being done.
  public let phase: Phase
  /// Photos, files or faces done.
  public let done: Int
  /// Photos, files or faces in all.
  public let total: Int
}

/// What came of the change to another engine.
public struct ReembeddingReport: Sendable, Hashable {
  /// A face whose embedding could not be made again.
  public struct MissingFace: Sendable, Hashable {
    /// What stands in the way of an embedding.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
      /// The photo is not there, or damaged, or there never was one.
      case photo
      /// The photo is there, and the new engine does not find the face in it.
      case unfound
      /// The system was in the way: nobody knows yet, and nothing is changed, whatever is to be dropped.
      case system
    }

    /// The face's number.
    public let face: FaceID
    /// Whose face it is; nil for a face without a name.
    public let person: PersonID?
    /// The person's name; nil for a face without one.
    public let name: String?
    /// Where its photo was when it was added.
    public let path: String?
    /// Why there is no new embedding, as one sentence.
    public let reason: String
    /// What stands in the way.
    public let cause: Cause
  }

  /// Whether this change made the gallery the new engine's; false when it was so before.
  public internal(set) var isSwitched = false
  /// Whether it was that engine's before, so that nothing was done.
  public internal(set) var hadEngine = false

  /// Faces embedded by this run.
  public internal(set) var embedded = 0

  /// Faces that an interrupted or stopped run had embedded before.
  public internal(set) var resumed = 0

  /// Faces without a new embedding, in the order of their numbers.
  public internal(set) var missing: [MissingFace] = []

  /// What could not be done of what is derived, a sentence each: the gallery is the new engine's all the same.
  public internal(set) var warnings: [String] = []

  /// How many of those were removed from the gallery.
  public internal(set) var dropped = 0
}
