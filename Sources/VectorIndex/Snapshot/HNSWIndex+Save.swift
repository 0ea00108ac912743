internal import Glibc
internal import Synchronization

extension HNSWIndex {
  /// Writes a snapshot: to a temporary file beside it, synchronised, then renamed over `path`.
  ///
  /// What was at `path` stays intact until the new snapshot is complete and on disk. Searches go on; writers wait.
  /// The same configuration, vectors and calls give the same bytes.
  /// - Parameters:
  ///   - path: File to write.
  ///   - userInfo: Bytes of the caller's, returned by ``userInfo`` after opening.
  /// - Complexity: O(n).
  /// - Throws: ``IndexError/file(path:operation:errno:)``.
  public func save(to path: String, userInfo: [UInt8] = []) throws(IndexError) {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      drain(&writer)
      let temporary = "\(path).\(getpid()).partial"
      do throws(IndexError) {
        try writeSnapshot(
          to: temporary, mode: Self.mode(of: path), userInfo: userInfo, upperCount: writer.upperCount)
        guard rename(temporary, path) == 0 else {
          throw .file(path: path, operation: "replace", errno: errno)
        }
      } catch {
        unlink(temporary)
        throw error
      }
      let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
      try File(folder, O_RDONLY | O_DIRECTORY, operation: "open").synchronize()
    }
  }

  /// The rights of the file that is replaced; else the owner's alone, whatever the umask.
  private static func mode(of path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o600
  }

  private func writeSnapshot(
    to path: String, mode: mode_t, userInfo: [UInt8], upperCount: Int
  ) throws(IndexError) {
    var header = SnapshotHeader(configuration: configuration)
    header.slotCount = slotCount.load(ordering: .relaxed)
    header.liveCount = count
    header.entry = entry.word
    header.upperCount = upperCount
    header.userInfoBytes = userInfo.count
    header.tuning = tuning.withLock { $0 }
    let info = UnsafeMutableRawPointer.allocate(
      byteCount: SnapshotHeader.padded(userInfo.count), alignment: 64)
    defer { info.deallocate() }
    info.initializeMemory(as: UInt8.self, repeating: 0, count: SnapshotHeader.padded(userInfo.count))
    info.copyMemory(from: userInfo, byteCount: userInfo.count)
    var sections = storage.sections(slotCount: header.slotCount, upperCount: upperCount)
    sections.append(StorageSection(kind: .userInfo, start: info, bytes: userInfo.count))
    var offset = SnapshotHeader.size
    for section in sections {
      let bytes = SnapshotHeader.padded(section.bytes)
      header.sections.append(
        .init(
          kind: section.kind, offset: offset, bytes: bytes,
          checksum: checksum(section.start, bytes: bytes)))
      offset += bytes
    }
    let file = try File(path, O_WRONLY | O_CREAT | O_TRUNC, operation: "create")
    guard fchmod(file.descriptor, mode) == 0 else {
      throw .file(path: path, operation: "set the rights of", errno: errno)
    }
    try file.write(header.encoded(), bytes: SnapshotHeader.size)
    for section in sections {
      try file.write(section.start, bytes: SnapshotHeader.padded(section.bytes))
    }
    try file.synchronize()
  }
}
