internal import Glibc
internal import LMDB
internal import Support

extension GalleryError {
  /// The gallery's error for one of what keeps a store; nil for other errors.
  ///
  /// - Parameter folder: The gallery's folder, for the message; nil where it is not known.
  package init?(ofStore error: any Error, at folder: String? = nil) {
    guard let error = error as? LMDBError else { return nil }
    let message: String =
      if let folder {
        switch error {
        case .corrupted, .pageNotFound:
          "The database file \(folder)/data.mdb is damaged; restore it from a backup."
        case .noSuchFile: "The database \(folder)/data.mdb does not exist; check the path."
        default: error.description
        }
      } else {
        error.description
      }
    self.init(Self.code(of: error), message)
  }

  /// The error of a change to a store that was opened for reading.
  package static var notWritable: GalleryError {
    GalleryError(code(of: LMDBError.notWritable), LMDBError.notWritable.description)
  }

  /// The error for a gallery that this process itself keeps in use, so that its files cannot be exchanged.
  static func inUseHere(at folder: String) -> GalleryError {
    GalleryError(
      .inUse,
      "The gallery \(folder) is in use by reads or changes of this program that do not end; try again when they are done."
    )
  }

  /// The error for an operation that needs the gallery alone.
  package static func inUse(at folder: String) -> GalleryError {
    let holders =
      LockHolders.description(of: folder + "/lock.mdb") ?? "another process"
    return GalleryError(.inUse, "The gallery \(folder) is in use by \(holders).")
  }

  /// The error of a gallery whose files this user may not use: which one, and which right is missing.
  static func notPermitted(at folder: String, access: StoreAccess) -> GalleryError {
    let (data, lock) = (folder + "/data.mdb", folder + "/lock.mdb")
    var needs: [(file: String, right: Int32, word: String)] = [
      (folder, X_OK, "entered"), (data, R_OK, "read"),
    ]
    if access != .readOnly { needs.append((data, W_OK, "written")) }
    needs += [(lock, R_OK | W_OK, "read and written"), (folder, W_OK, "written")]
    // A file that is not there yet is made in the folder.
    let missing = needs.first { Glibc.access($0.file, $0.right) != 0 && errno != ENOENT }
    let file = missing?.file ?? data
    // Who only reads needs no lock file where a copy can be made.
    let copies =
      access == .readOnly && (file == lock || file == folder && missing?.right == W_OK)
      ? ", and no copy of the gallery could be made in \(Environment.folderOfCopies)" : ""
    return GalleryError(
      .permissionDenied,
      "\(file) cannot be \(missing?.word ?? "used"): permission denied for user \(ProcessUser.name)\(copies); change its permissions, or those of "
        + "the folders above it\(copies.isEmpty ? "" : ", or name a folder with room in TMPDIR").")
  }

  /// The error of a change to a store that was opened for reading: for want of a right, where one is missing.
  static func notWritable(at folder: String) -> GalleryError {
    Glibc.access(folder + "/data.mdb", W_OK) != 0 && errno == EACCES
      ? notPermitted(at: folder, access: .existing) : notWritable
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
