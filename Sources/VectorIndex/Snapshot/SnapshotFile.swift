internal import Glibc
internal import Synchronization

/// The snapshot that an index was opened from, and whether its large parts have been found intact.
final class SnapshotFile: Sendable {
  let path: String
  let userInfo: [UInt8]
  private let state = Atomic<UInt32>(0)
  private let damagedPart = Guarded<String?>(nil)

  private static let pending: UInt32 = 0
  private static let intact: UInt32 = 1
  private static let damaged: UInt32 = 2

  init(path: String, userInfo: [UInt8]) {
    self.path = path
    self.userInfo = userInfo
  }

  func finish(damagedPart part: String?) {
    damagedPart.withLock { $0 = part }
    state.store(part == nil ? Self.intact : Self.damaged, ordering: .releasing)
  }

  func throwIfDamaged() throws(IndexError) {
    guard state.load(ordering: .acquiring) == Self.damaged else { return }
    throw .damaged(path: path, part: damagedPart.withLock { $0 } ?? "contents")
  }

  func waitUntilVerified() throws(IndexError) {
    while state.load(ordering: .acquiring) == Self.pending { usleep(200) }
    try throwIfDamaged()
  }
}
