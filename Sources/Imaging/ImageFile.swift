package import Foundation
internal import Support

/// The file of a picture, with a sentence for whatever is in the way.
package enum ImageFile {
  /// Reads a file whole.
  ///
  /// - Throws: ``ImageError`` with code `unreadable`, `inaccessible`, or `tooManyPixels` for a file of more bytes than `maximumBytes`.
  package static func read(_ url: URL, maximumBytes: Int) throws(ImageError) -> Data {
    guard url.isFileURL else {
      throw ImageError(.unreadable, "\(url.absoluteString) is not a file of this computer.")
    }
    return try read(url, maximumBytes: maximumBytes, first: .max)
  }

  /// Whether a file begins as a picture does, whatever its name ends in.
  ///
  /// - Throws: ``ImageError`` with code `unreadable` or `inaccessible`.
  package static func isPicture(_ url: URL) throws(ImageError) -> Bool {
    isPicture(head: try read(url, maximumBytes: .max, first: 4096))
  }

  /// Whether bytes are the beginning of a picture.
  package static func isPicture(head: Data) -> Bool {
    head.withUnsafeBytes { bytes in
      let bytes = JPEGStructure.withoutLeadingBlanks(bytes.assumingMemoryBound(to: UInt8.self))
      return if case .known? = ImageFormat(sniffing: bytes) { true } else { false }
    }
  }

  private static func read(_ url: URL, maximumBytes: Int, first: Int) throws(ImageError) -> Data {
    let path = url.path(percentEncoded: false)
    do throws(SystemError) {
      return try InputFile.read(path, limit: maximumBytes, first: first)
    } catch {
      switch error.code {
      case ENOENT, ENOTDIR: throw ImageError(.unreadable, "The photo \(path) does not exist.")
      case EISDIR: throw ImageError(.unreadable, "\(path) is a folder, not a file.")
      case ESPIPE: throw ImageError(.unreadable, "\(path) is not a file.")
      case EFBIG:
        let limit = maximumBytes % (1 << 20) == 0 ? "\(maximumBytes >> 20) MiB" : "\(maximumBytes) bytes"
        throw ImageError(.tooManyPixels, "The file \(path) is larger than \(limit).")
      default: throw ImageError(.inaccessible, "The photo \(path) cannot be read: \(error.reason).")
      }
    }
  }
}
