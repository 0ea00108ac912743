/// Why a gallery could not do what it was asked.
public struct GalleryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, for code that reacts to it.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// There is no gallery at the path.
    case notFound
    /// What is at the path is not a gallery.
    case notAGallery
    /// The gallery was written by a newer version of this package.
    case newerVersion
    /// The gallery's files are damaged.
    case damaged
    /// The gallery, its folder or its file system may not be written to.
    case readOnly
    /// The gallery's files may not be read or written by this user.
    case permissionDenied
    /// The disk is full.
    case diskFull
    /// Somebody has the gallery open, and the operation needs it alone.
    case inUse
    /// The gallery's folder was moved, deleted or replaced while it was open.
    case replaced
    /// The gallery was closed.
    case closed
    /// The engine in use is not the one that made the gallery's embeddings.
    case engineMismatch
    /// The operation needs an engine, and the gallery was opened without one.
    case engineNeeded
    /// There is no measured operating point, so a threshold has to be given.
    case thresholdNeeded
    /// There is not enough memory for now.
    case outOfMemory
    /// The engine failed; the message is the engine's.
    case engineFailure
    /// A photo cannot be read; the message is the decoder's.
    case unreadablePhoto
    /// No face was found in a photo that has to show one.
    case noFace
    /// A name that is empty, too long or has control characters.
    case invalidName
    /// Another person has the name already.
    case nameTaken
    /// Several people have a name that is written in this way by none of them.
    case ambiguousName
    /// Nobody in the gallery has this name or number.
    case noSuchPerson
    /// No face in the gallery has this number.
    case noSuchFace
    /// No group of faces without a name has this number.
    case noSuchGroup
    /// Nobody's removal can be undone: no copy is kept.
    case nothingToUndo
    /// An embedding of the wrong dimension or not finite.
    case invalidEmbedding
    /// An argument outside its range.
    case invalidArgument
    /// A file of embeddings cannot be opened, is of no known form, or has a mistake in it.
    case unreadableFile
    /// A file of embeddings ends before it should.
    case truncatedFile
    /// The vectors of a file have another number of components, or are not as many as are described.
    case wrongShape
    /// An array of vectors and the file that names its rows are not of one export.
    case wrongPair
    /// The server that keeps the gallery cannot be reached, or has no time for it; nothing was changed.
    case unavailable
    /// Whether a change was made is not known, or it may be lost if a server fails: the server went away at the commit.
    case outcomeUnknown
    /// The audit log cannot be written, or is not what was written; the message says whether anything was changed.
    case auditLog
    /// What was changed is on disk; only the index, which is derived from it, could not be saved.
    case indexNotSaved
    /// The file system or the database failed otherwise.
    case storage
  }

  /// The kind of failure.
  public let code: Code

  /// One sentence that says what happened and how to remedy it.
  public let message: String

  /// In which line of a text, or row of an array, the mistake is, from 1; nil where that is not known.
  public let line: Int?

  /// Makes an error of a kind with its sentence.
  public init(_ code: Code, _ message: String, line: Int? = nil) {
    self.code = code
    self.message = message
    self.line = line
  }

  /// The message.
  public var description: String { message }
}

extension GalleryError {
  /// The error for what cannot be what was written.
  package static func damaged(_ what: String, remedy: String = "restore it from a backup") -> GalleryError {
    GalleryError(.damaged, "The gallery is damaged: \(what); \(remedy).")
  }

  /// Whether it says, of a folder that has held a gallery, that what is there now is not what was written.
  package var isDamage: Bool { [.damaged, .notAGallery, .notFound].contains(code) }

  package static func noSuchFace(_ id: FaceID) -> GalleryError {
    GalleryError(.noSuchFace, "There is no face \(id) in the gallery.")
  }

  package static func noSuchPerson(_ id: PersonID) -> GalleryError {
    GalleryError(.noSuchPerson, "There is no person \(id) in the gallery.")
  }

  /// The error of a rename to a name that somebody has.
  package static func nameTaken(_ name: PersonName, by person: PersonID) -> GalleryError {
    GalleryError(
      .nameTaken, "Person \(person) is called “\(name.text)” already; merge the two, or choose another name.")
  }

  /// The error for a vector that has other components than the gallery's.
  package static func wrongDimension(_ components: Int, expected: Int) -> GalleryError {
    GalleryError(
      .invalidEmbedding,
      "The embedding has \(components) components, and those of the gallery have \(expected).")
  }

  /// The error of an addition when neither the gallery nor the program says whose embeddings they are.
  package static let engineUnknown = GalleryError(
    .engineNeeded,
    "The gallery does not know yet whose embeddings it holds; open it with an engine or a fingerprint.")
}
