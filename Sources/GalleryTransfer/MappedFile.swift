internal import Foundation
internal import GalleryStore

/// A file's bytes, mapped into memory: only what is being read takes room.
final class MappedFile: @unchecked Sendable {
  let url: URL
  let bytes: UnsafeRawBufferPointer

  /// - Throws: ``GalleryError`` with code `unreadableFile`.
  convenience init(_ url: URL) throws(GalleryError) { try self.init(path: url.path(percentEncoded: false)) }

  /// - Throws: ``GalleryError`` with code `unreadableFile`.
  init(path: String) throws(GalleryError) {
    url = URL(filePath: path, directoryHint: .notDirectory)
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw GalleryError(.unreadableFile, "There is no file \(path); check the path.") }
      throw GalleryError(.unreadableFile, "\(path) cannot be opened: \(String(cString: strerror(errno))).")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw GalleryError(.unreadableFile, "\(path) is not a file.")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw GalleryError(.unreadableFile, "\(path) cannot be mapped: \(String(cString: strerror(errno))).")
    }
    madvise(start, size, MADV_SEQUENTIAL)
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// An error about this file.
  ///
  /// - Parameter line: The line of a text, or the row of an array, from 1.
  func error(_ code: GalleryError.Code, _ message: String, line: Int? = nil) -> GalleryError {
    GalleryError(code, "\(url.path(percentEncoded: false)): \(message).", line: line)
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
