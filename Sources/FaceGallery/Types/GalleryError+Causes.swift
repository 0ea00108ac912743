internal import FaceEngine
internal import Foundation
internal import Imaging
internal import LMDB
internal import VectorIndex

extension GalleryError {
  /// Runs `body` and turns whatever it throws into an error of the gallery.
  static func wrapping<Result>(_ body: () throws -> Result) throws(GalleryError) -> Result {
    do {
      return try body()
    } catch {
      throw GalleryError(cause: error)
    }
  }

  /// The gallery's error for an error of a module below it.
  init(cause: any Error) {
    self =
      switch cause {
      case let error as GalleryError: error
      case let error as LMDBError: GalleryError(Self.code(of: error), error.description)
      case let error as EngineError:
        GalleryError(error.code == .invalidEmbedding ? .invalidEmbedding : .engineFailure, error.message)
      case let error as ImageError: GalleryError(.unreadablePhoto, error.message)
      case let error as IndexError: GalleryError(.storage, error.description)
      default: GalleryError(fileSystem: cause, "The gallery failed")
      }
  }

  /// The error for a failed operation on files.
  init(fileSystem cause: any Error, _ what: String) {
    let error = cause as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    let code: Code =
      switch (underlying.domain, underlying.code) {
      case (NSPOSIXErrorDomain, Int(EACCES)), (NSPOSIXErrorDomain, Int(EPERM)),
        (NSCocoaErrorDomain, CocoaError.fileWriteNoPermission.rawValue):
        .permissionDenied
      case (NSPOSIXErrorDomain, Int(EROFS)),
        (NSCocoaErrorDomain, CocoaError.fileWriteVolumeReadOnly.rawValue):
        .readOnly
      case (NSPOSIXErrorDomain, Int(ENOSPC)), (NSPOSIXErrorDomain, Int(EDQUOT)),
        (NSPOSIXErrorDomain, Int(EFBIG)), (NSCocoaErrorDomain, CocoaError.fileWriteOutOfSpace.rawValue):
        .diskFull
      default: .storage
      }
    self.init(code, "\(what): \(underlying.localizedDescription)")
  }

  private static func code(of error: LMDBError) -> Code {
    switch error {
    case .noSpace, .quotaExceeded, .fileTooLarge: .diskFull
    case .permissionDenied: .permissionDenied
    case .readOnlyFileSystem, .notWritable: .readOnly
    case .invalid: .notAGallery
    case .versionMismatch: .newerVersion
    case .corrupted, .pageNotFound, .badValueSize: .damaged
    case .noSuchFile: .notFound
    case .inUse: .inUse
    default: .storage
    }
  }
}
