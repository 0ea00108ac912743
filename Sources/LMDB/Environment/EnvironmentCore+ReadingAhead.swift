internal import CLMDB
internal import Glibc
internal import Support

extension EnvironmentCore {
  /// What is known of reading ahead.
  struct ReadingAhead {
    /// How many want it now.
    var users = 0
  }

  /// Runs `body` while the system reads ahead in the file, for work that goes through much of it.
  ///
  /// Else it reads the pages that are asked for and no others: records lie all over the file, and what it would read
  /// around each of them, up to megabytes, would keep the next one waiting.
  func readingAhead<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    gate.shared { readingAhead.withLock { advise(&$0, users: 1, MADV_NORMAL) } }
    defer { gate.shared { readingAhead.withLock { advise(&$0, users: -1, MADV_RANDOM) } } }
    return try body()
  }

  /// Tells the system when the first one wants it, and when the last one does no more.
  private func advise(_ state: inout ReadingAhead, users: Int, _ advice: Int32) {
    state.users += users
    guard state.users == max(users, 0) else { return }
    if let start = map.baseAddress { madvise(start, map.count, advice) }
  }

  /// Where the file is mapped, by the system's list: LMDB does not tell.
  func findMap() -> UnsafeMutableRawBufferPointer {
    let nowhere = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var descriptor: mdb_filehandle_t = -1
    var status = stat()
    guard mdb_env_get_fd(handle, &descriptor) == 0, fstat(descriptor, &status) == 0,
      let list = fopen("/proc/self/maps", "re")
    else { return nowhere }
    defer { fclose(list) }
    var line: UnsafeMutablePointer<CChar>?
    var room = 0
    defer { free(line) }
    while getline(&line, &room, list) > 0, let text = line {
      // Start-end rights offset device inode path. Some file systems tell another device here than `stat` does.
      let words = String(cString: text).split(separator: " ", maxSplits: 5)
      guard words.count == 6, UInt(words[4]) == UInt(status.st_ino), words[5].contains("/data.mdb") else {
        continue
      }
      let range = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard range.count == 2, range[0] < range[1] else { continue }
      return UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: range[0]), count: Int(range[1] - range[0]))
    }
    return nowhere
  }
}
