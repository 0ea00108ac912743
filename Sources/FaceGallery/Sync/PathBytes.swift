/// A path by its bytes: to the system, paths that differ in Unicode form only are of different files, which texts are not.
struct PathBytes: Hashable, Sendable {
  private let bytes: [UInt8]

  init(_ path: String) { bytes = Array(path.utf8) }

  /// Whether a path is this one, or lies below it.
  func holds(_ path: PathBytes) -> Bool {
    path.bytes.starts(with: bytes)
      && (path.bytes.count == bytes.count || path.bytes[bytes.count] == UInt8(ascii: "/"))
  }
}
