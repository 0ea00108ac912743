internal import Glibc
internal import Synchronization

extension HNSWIndex {
  /// Most bytes of ``userInfo`` that a snapshot holds.
  static let maximumUserInfo = 1 << 28

  /// Writes a snapshot: to a temporary file beside it, synchronised, then renamed over `path`.
  ///
  /// What was at `path` stays intact until the new snapshot is complete and on disk; its permissions are kept, and a
  /// symbolic link is followed. Several may save to one path: each writes a file of its own, and the last to end stays.
  /// Searches go on, and none is waited for; writers wait. The same configuration, vectors and calls give the same bytes.
  /// - Parameters:
  ///   - path: File to write.
  ///   - userInfo: Bytes of the caller's, returned by ``userInfo`` from then on and after opening, at most 256 MiB;
  ///     `nil` keeps those there are.
  /// - Complexity: O(n).
  /// - Throws: ``IndexError/file(path:operation:errno:)``, ``IndexError/calledFromCallback``;
  ///   ``IndexError/notASnapshot(path:reason:)`` if `path` is something other than a file.
  public func save(to path: String, userInfo: [UInt8]? = nil) throws(IndexError) {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      let userInfo = userInfo ?? self.userInfo
      guard userInfo.count <= Self.maximumUserInfo else {
        throw .invalidParameter(
          name: "userInfo.count", value: "\(userInfo.count)", allowed: "at most \(Self.maximumUserInfo)")
      }
      let target = try FileReplacement(path)
      try writeSnapshot(to: target, userInfo: userInfo, writer)
      try target.commit()
      keptUserInfo.withLock { $0 = userInfo }
    }
  }

  private func writeSnapshot(
    to target: borrowing FileReplacement, userInfo: [UInt8], _ writer: Writer
  ) throws(IndexError) {
    var header = SnapshotHeader(configuration: configuration)
    header.slotCount = slotCount.load(ordering: .relaxed)
    header.liveCount = count
    header.entry = entry.word
    header.upperCount = writer.upperCount
    header.userInfoBytes = userInfo.count
    header.tuning = tuning.withLock { $0 }
    let info = UnsafeMutableRawPointer.allocate(
      byteCount: max(64, SnapshotHeader.padded(userInfo.count)), alignment: 64)
    defer { info.deallocate() }
    info.initializeMemory(as: UInt8.self, repeating: 0, count: SnapshotHeader.padded(userInfo.count))
    userInfo.withUnsafeBytes {
      if let start = $0.baseAddress { info.copyMemory(from: start, byteCount: $0.count) }
    }
    let leaving = writer.leaving.flatMap(\.slots).sorted()
    let arriving = writer.arriving.map(\.slot).filter { storage.state($0) == SlotState.arriving }.sorted()
    var images = storage.sections(slotCount: header.slotCount, upperCount: writer.upperCount).map {
      SectionImage($0, of: storage, leaving: leaving, arriving: arriving)
    }
    images.append(SectionImage(StorageSection(kind: .userInfo, start: info, bytes: userInfo.count)))
    var offset = SnapshotHeader.size
    for image in images {
      let bytes = SnapshotHeader.padded(image.section.bytes)
      var sum = Checksum()
      try image.forEachPart { (start, count) throws(IndexError) in sum.update(start, bytes: count) }
      header.sections.append(
        .init(kind: image.section.kind, offset: offset, bytes: bytes, checksum: sum.value))
      offset += bytes
    }
    try target.file.write(header.encoded(), bytes: SnapshotHeader.size)
    for image in images {
      try image.forEachPart { (start, count) throws(IndexError) in try target.file.write(start, bytes: count)
      }
    }
  }
}
