internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support
internal import VectorIndex

extension GalleryError {
  /// Runs `body` and turns whatever it throws into an error of the gallery.
  ///
  /// - Parameter url: The gallery's folder, which messages about its database name; nil where none is concerned.
  static func wrapping<Result>(
    at url: URL? = nil, _ body: () throws -> Result
  ) throws(GalleryError) -> Result {
    do {
      return try body()
    } catch {
      throw GalleryError(cause: error, at: url)
    }
  }

  /// The gallery's error for an error of a module below it.
  ///
  /// - Parameter url: The gallery's folder, for the message.
  init(cause: any Error, at url: URL? = nil) {
    var folder = url?.path(percentEncoded: false)
    if let path = folder, path.count > 1, path.hasSuffix("/") { folder?.removeLast() }
    self =
      switch cause {
      case let error as GalleryError: error
      case let error as EngineError: GalleryError(Self.code(of: error), error.message)
      case let error as ImageError:
        GalleryError(error.code == .outOfMemory ? .outOfMemory : .unreadablePhoto, error.message)
      case let error as IndexError: GalleryError(Self.code(of: error), error.description)
      case let error as SystemError:
        GalleryError(
          Self.code(ofFile: NSError(domain: NSPOSIXErrorDomain, code: Int(error.code))), error.description)
      default: GalleryError(ofStore: cause, at: folder) ?? GalleryError(fileSystem: cause)
      }
  }

  /// The error for an index that could not be saved after what it is derived from was.
  init(indexNotSaved cause: any Error) {
    self.init(
      .indexNotSaved,
      "Everything is on disk but the index, which could not be saved; the next program that changes the gallery does it. "
        + GalleryError(cause: cause).message)
  }

  /// The error for a failed operation on files.
  init(fileSystem cause: any Error) {
    let error = cause as NSError
    let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    // Foundation's text for an error of the system begins with "The operation could not be completed".
    let reason =
      underlying.domain == NSPOSIXErrorDomain
      ? SystemError("", "", code: Int32(truncatingIfNeeded: underlying.code)).reason
      : underlying.localizedDescription
    let path = error.userInfo[NSFilePathErrorKey] as? String
    self.init(
      Self.code(ofFile: underlying),
      path.map { "\($0) cannot be read or written: \(reason)" } ?? "The gallery failed: \(reason)")
  }

  private static func code(ofFile error: NSError) -> Code {
    switch (error.domain, error.code) {
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
  }

  private static func code(of error: IndexError) -> Code {
    guard case .file(_, _, let code) = error else { return .storage }
    return [ENOSPC, EDQUOT, EFBIG].contains(code) ? .diskFull : .storage
  }

  /// What lies in the photo or the options is the caller's to remedy, and not the engine's.
  private static func code(of error: EngineError) -> Code {
    switch error.code {
    case .invalidInput: .unreadablePhoto
    case .invalidEmbedding: .invalidEmbedding
    case .invalidOption: .invalidArgument
    case .outOfMemory: .outOfMemory
    case .missingWeights, .invalidWeights, .cancelled, .internalFailure: .engineFailure
    }
  }
}
