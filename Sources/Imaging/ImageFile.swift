internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Reads a picture file whole, with a sentence for whatever is in the way.
enum ImageFile {
  static func read(_ url: URL, maximumBytes: Int) throws(ImageError) -> [UInt8] {
    guard url.isFileURL else { throw unreadable(url.absoluteString, "it is not a file of this computer") }
    let path = url.path(percentEncoded: false)
    // Opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw unreadable(path, "it is a folder")
    default: throw unreadable(path, "it is not a regular file")
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw ImageError(.empty, "The file is empty: \(path).") }
    guard size <= maximumBytes else {
      throw ImageError(
        .tooManyPixels, "The file has \(size) bytes, more than the limit of \(maximumBytes): \(path).")
    }
    return try readAll(descriptor, size: size, path: path)
  }

  private static func readAll(_ descriptor: Int32, size: Int, path: String) throws(ImageError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      while count < size {
        let got = Foundation.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        count += got
      }
    }
    if failure != 0 { throw unreadable(path, String(cString: strerror(failure))) }
    return bytes
  }

  private static func unreadable(_ path: String, _ reason: String) -> ImageError {
    ImageError(.unreadable, "The file cannot be read (\(reason)): \(path).")
  }
}
