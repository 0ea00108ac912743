internal import Glibc
internal import Synchronization

/// The snapshot that an index was opened from, and whether its large parts have been found intact.
///
/// Unchecked sendable for the semaphore alone, which any thread may use.
final class SnapshotFile: @unchecked Sendable {
  let path: String
  private let state = Atomic<UInt32>(0)
  private let damagedPart = Guarded<String?>(nil)

  /// Raised when somebody waits for the check.
  private let wanted: UnsafeMutablePointer<sem_t>

  /// Seconds after which the large parts are checked though nobody waits for that: first searches have the disk and the
  /// processors until then.
  private static let patience = 1

  /// Set when nobody can ask any more.
  private let isAbandoned = Atomic<Bool>(false)

  private static let pending: UInt32 = 0
  private static let intact: UInt32 = 1
  private static let damaged: UInt32 = 2

  init(path: String) {
    self.path = path
    wanted = .allocate(capacity: 1)
    sem_init(wanted, 0, 0)
  }

  deinit {
    sem_destroy(wanted)
    wanted.deallocate()
  }

  /// Returns when somebody waits for the check, or after a while; false if the index is gone, so that nobody ever will.
  func waitUntilWanted() -> Bool {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    time.tv_sec += Self.patience
    while sem_timedwait(wanted, &time) != 0, errno == EINTR {}
    return !isAbandoned.load(ordering: .acquiring)
  }

  /// Ends the wait for the check: the index is gone.
  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    sem_post(wanted)
  }

  func finish(damagedPart part: String?) {
    // Damage once found stays.
    let known = damagedPart.withLock { found in
      found = found ?? part
      return found
    }
    state.store(known == nil ? Self.intact : Self.damaged, ordering: .releasing)
  }

  func throwIfDamaged() throws(IndexError) {
    guard state.load(ordering: .acquiring) == Self.damaged else { return }
    throw .damaged(path: path, part: damagedPart.withLock { $0 } ?? "contents")
  }

  func waitUntilVerified() throws(IndexError) {
    if state.load(ordering: .acquiring) == Self.pending { sem_post(wanted) }
    while state.load(ordering: .acquiring) == Self.pending { usleep(200) }
    try throwIfDamaged()
  }
}
