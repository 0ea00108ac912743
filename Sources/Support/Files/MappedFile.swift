internal import Glibc

/// A file's bytes, mapped into memory: only what is being read takes room. Its path is a text as ``PathText`` writes it.
///
/// A file that is cut off by another program while it is mapped ends this one, as with every mapping.
public final class MappedFile: @unchecked Sendable {
  // Unchecked sendable: the bytes are only read, and unmapped with the last reference.

  /// The file's path.
  public let path: String
  /// All its bytes; valid while the file is referred to.
  public let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  ///
  /// - Throws: ``SystemError`` when it cannot be opened or mapped, or is no file.
  public init(_ path: String) throws(SystemError) {
    self.path = path
    let (descriptor, size) = try InputFile.open(path)
    defer { close(descriptor) }
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw SystemError("be mapped", path)
    }
    madvise(start, size, MADV_SEQUENTIAL)
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// The file's name without its folder.
  public var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The SHA-256 of everything from an offset on, in hexadecimal.
  ///
  /// - Complexity: O(bytes).
  public func digest(from offset: Int = 0) -> String {
    SHA256.hexadecimal(of: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
  }
}
