internal import Foundation
internal import GalleryStore
internal import Support
internal import TensorFiles

extension MappedFile {
  /// Maps a file of embeddings.
  ///
  /// - Throws: ``GalleryError`` with code `unreadableFile`.
  convenience init(embeddings url: URL) throws(GalleryError) {
    do {
      try self.init(url.path(percentEncoded: false))
    } catch {
      throw error.code == ENOENT
        ? GalleryError(.unreadableFile, "There is no file \(error.path); check the path.")
        : GalleryError(.unreadableFile, error.description)
    }
  }

  /// An error about this file.
  ///
  /// - Parameter line: The line of a text, or the row of an array, from 1.
  func error(_ code: GalleryError.Code, _ message: String, line: Int? = nil) -> GalleryError {
    GalleryError(code, "\(path): \(message).", line: line)
  }

  /// The error for a head of an array that cannot be used.
  func error(_ error: TensorFileError) -> GalleryError {
    switch error.code {
    case .unreadable: self.error(.unreadableFile, error.what)
    case .truncated: self.error(.truncatedFile, error.what + "; copy it again")
    case .wrongShape: self.error(.wrongShape, error.what)
    }
  }

  /// The error for JSON that cannot be read, with the line in which it is.
  func error(_ malformed: JSONScanner.Malformed, from start: Int = 0) -> GalleryError {
    let place = min(malformed.offset, bytes.count)
    let line = Self.lines(in: bytes[0..<place]) + 1
    let code: GalleryError.Code = place >= bytes.count ? .truncatedFile : .unreadableFile
    return error(code, "line \(line): \(malformed.what)", line: line)
  }

  /// Line feeds in some bytes.
  static func lines(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
    bytes.reduce(0) { $0 &+ ($1 == 0x0A ? 1 : 0) }
  }
}
