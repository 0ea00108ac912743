internal import Foundation
internal import Synchronization

/// The keys of a gallery in a running server, read anew when their file changes: a key that is revoked is refused from
/// the next request on.
final class KeyStore: Sendable {
  private let file: KeyFile
  private let state: Mutex<State>

  private struct State {
    var keys: [KeyRecord]
    var stamp: [Int]
  }

  /// - Throws: ``KeyError`` when there is a file that cannot be read.
  init(_ file: KeyFile) throws(KeyError) {
    self.file = file
    let stamp = Self.stamp(of: file)
    state = Mutex(State(keys: try file.read(), stamp: stamp))
  }

  var isEmpty: Bool { current.isEmpty }

  /// The record of a key; nil for one that the gallery does not have.
  func record(of secret: String) -> KeyRecord? {
    // Every record is compared, so that the time does not tell which one it was.
    var found: KeyRecord?
    for record in current where record.matches(secret) { found = record }
    return found
  }

  private var current: [KeyRecord] {
    state.withLock { state in
      let stamp = Self.stamp(of: file)
      // A file that cannot be read now leaves the keys as they were.
      if stamp != state.stamp, let keys = try? file.read() {
        state.keys = keys
        state.stamp = stamp
      }
      return state.keys
    }
  }

  private static func stamp(of file: KeyFile) -> [Int] {
    var status = stat()
    guard stat(file.url.path(percentEncoded: false), &status) == 0 else { return [] }
    return [Int(status.st_ino), Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }
}
