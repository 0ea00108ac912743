/// A path by its bytes: to the system, paths that differ in Unicode form only are of different files, which texts are not.
struct PathBytes: Hashable, Sendable {
  private let bytes: [UInt8]

  /// - Parameter path: The path; slashes at its end do not count.
  init(_ path: String) {
    var bytes = Array(path.utf8)
    while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    self.bytes = bytes
  }

  private init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The path of the folder that it lies in; nil for the top, and for a name alone.
  var above: PathBytes? { bytes.lastIndex(of: UInt8(ascii: "/")).map { PathBytes(bytes[..<$0]) } }

  /// Whether a path is this one, or lies below it.
  func holds(_ path: PathBytes) -> Bool {
    path.bytes.starts(with: bytes)
      && (path.bytes.count == bytes.count || path.bytes[bytes.count] == UInt8(ascii: "/"))
  }
}
