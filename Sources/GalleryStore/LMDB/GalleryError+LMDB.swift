internal import LMDB
internal import Support

extension GalleryError {
  /// The gallery's error for one of what keeps a store; nil for other errors.
  package init?(ofStore error: any Error) {
    guard let error = error as? LMDBError else { return nil }
    self.init(Self.code(of: error), error.description)
  }

  /// The error of a change to a store that was opened for reading.
  package static var notWritable: GalleryError {
    GalleryError(code(of: LMDBError.notWritable), LMDBError.notWritable.description)
  }

  /// The error for an operation that needs the gallery alone.
  package static func inUse(at folder: String) -> GalleryError {
    let holders =
      LockHolders.description(of: folder + "/lock.mdb") ?? "another process, or another part of this one"
    return GalleryError(.inUse, "The gallery \(folder) is in use by \(holders).")
  }

  private static func code(of error: LMDBError) -> Code {
    switch error {
    case .noSpace, .quotaExceeded, .fileTooLarge: .diskFull
    case .permissionDenied: .permissionDenied
    case .readOnlyFileSystem, .notWritable: .readOnly
    case .invalid: .notAGallery
    case .versionMismatch: .newerVersion
    case .corrupted, .pageNotFound, .badValueSize, .emptied: .damaged
    case .noSuchFile: .notFound
    case .inUse: .inUse
    case .replaced: .replaced
    default: .storage
    }
  }
}
