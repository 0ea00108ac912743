internal import Foundation
internal import Synchronization

/// The keys of a gallery in a running server, read anew when their file changes: a key that is revoked is refused from
/// the next request on.
///
/// While the file cannot be read, nobody is let in: a key that was taken out of it must not count.
final class KeyStore: Sendable {
  private let file: KeyFile
  private let state: Mutex<State>

  private struct State {
    var keys: [KeyRecord]
    var stamp: [Int]
    /// Why the file cannot be read.
    var problem: String?
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

  /// Whether a key is still there and may do as much.
  func holds(_ name: String, _ role: Role) -> Bool { current.contains { $0.id == name && $0.role >= role } }

  /// Why nobody is let in; nil while the keys can be read.
  var problem: String? {
    state.withLock { state in
      refresh(&state)
      return state.problem
    }
  }

  private var current: [KeyRecord] {
    state.withLock { state in
      refresh(&state)
      return state.keys
    }
  }

  private func refresh(_ state: inout State) {
    let stamp = Self.stamp(of: file)
    guard stamp != state.stamp else { return }
    do throws(KeyError) {
      (state.keys, state.stamp, state.problem) = (try file.read(), stamp, nil)
    } catch {
      // The stamp stays as it was, so that the file is read again.
      (state.keys, state.problem) = ([], error.message)
    }
  }

  private static func stamp(of file: KeyFile) -> [Int] {
    var status = stat()
    guard stat(file.url.path(percentEncoded: false), &status) == 0 else { return [] }
    // What changes its rights changes this time, too.
    return [Int(status.st_ino), Int(status.st_size), status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }
}
