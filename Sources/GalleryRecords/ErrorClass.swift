internal import FaceGallery
internal import Imaging

/// What an error of a gallery, an engine or a photo means to whoever caused it: the command line makes its exit status
/// of it, the service its HTTP status.
public struct ErrorClass: Sendable, Hashable {
  /// Who can do something about it, and what.
  public enum Kind: Sendable, Hashable, CaseIterable {
    /// An option is out of its range.
    case option
    /// What was given cannot be used.
    case input
    /// What was named is not there.
    case notFound
    /// What was asked does not fit the gallery.
    case conflict
    /// The gallery may not be changed.
    case forbidden
    /// The gallery or the machine is busy; later it may work.
    case busy
    /// The disk is full.
    case diskFull
    /// The engine failed.
    case engine
    /// The gallery or the machine is in trouble. The message may name files.
    case trouble
  }

  /// The class.
  public let kind: Kind
  /// The mistake in a word that never changes, such as `no-face`.
  public let word: String

  private init(_ kind: Kind, _ word: String) {
    self.kind = kind
    self.word = word
  }

  /// The class of an error; nil when it is of another module.
  public init?(_ error: any Error) {
    switch error {
    case let error as GalleryError: self = Self.of(error.code)
    case let error as EngineError: self = Self.of(error.code)
    case let error as ImageError:
      self =
        switch error.code {
        case .encodingFailed: Self(.trouble, "internal")
        case .outOfMemory: Self(.busy, "overloaded")
        default: Self(.input, "unreadable-photo")
        }
    default: return nil
    }
  }

  private static func of(_ code: GalleryError.Code) -> Self {
    switch code {
    case .noSuchPerson: Self(.notFound, "no-such-subject")
    case .noSuchFace: Self(.notFound, "no-such-image")
    case .noSuchGroup: Self(.notFound, "no-such-group")
    case .nothingToUndo: Self(.notFound, "nothing-to-undo")
    case .unreadableFile, .truncatedFile, .wrongShape, .wrongPair: Self(.input, "bad-file")
    case .nameTaken: Self(.input, "subject-exists")
    case .ambiguousName: Self(.input, "ambiguous-name")
    case .invalidName: Self(.input, "invalid-name")
    case .invalidEmbedding: Self(.input, "invalid-embedding")
    case .invalidArgument: Self(.input, "bad-parameter")
    case .thresholdNeeded: Self(.input, "threshold-needed")
    case .unreadablePhoto: Self(.input, "unreadable-photo")
    case .noFace: Self(.input, "no-face")
    case .readOnly: Self(.forbidden, "read-only")
    case .diskFull: Self(.diskFull, "disk-full")
    case .inUse: Self(.busy, "in-use")
    case .replaced: Self(.busy, "gallery-replaced")
    case .closed: Self(.busy, "stopping")
    case .unavailable: Self(.busy, "gallery-unavailable")
    case .outcomeUnknown: Self(.trouble, "outcome-unknown")
    case .outOfMemory: Self(.busy, "overloaded")
    case .engineFailure: Self(.engine, "engine-failure")
    case .engineNeeded, .engineMismatch: Self(.conflict, "engine-mismatch")
    case .notFound, .notAGallery, .newerVersion, .damaged, .permissionDenied, .auditLog, .indexNotSaved,
      .storage:
      Self(.trouble, "gallery-trouble")
    }
  }

  private static func of(_ code: EngineError.Code) -> Self {
    switch code {
    case .invalidInput: Self(.input, "unreadable-photo")
    case .invalidEmbedding: Self(.input, "invalid-embedding")
    case .invalidOption: Self(.option, "bad-parameter")
    case .outOfMemory: Self(.busy, "overloaded")
    default: Self(.engine, "engine-failure")
    }
  }
}
