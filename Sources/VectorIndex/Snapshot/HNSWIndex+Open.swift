internal import Glibc
internal import Synchronization

extension HNSWIndex {
  /// How a snapshot is brought into memory.
  public enum OpenMode: Sendable, Hashable {
    /// Maps the file: searches can begin at once, pages come as they are touched, changes stay private.
    ///
    /// Header, keys and upper levels are checked before `open` returns; links, codes and vectors beside the first
    /// searches. Until then a damaged file can give wrong answers, but never touches memory outside the index;
    /// once damage is found every call throws ``IndexError/damaged(path:part:)``. Changes wait for the check.
    /// The file must be replaced by renaming, as `save` does, not overwritten or truncated in place.
    case map
    /// Reads and checks the whole file before `open` returns.
    case load
  }

  /// Opens a snapshot.
  ///
  /// - Complexity: `map` O(keys), `load` O(file).
  /// - Throws: ``IndexError/file(path:operation:errno:)``, ``IndexError/notASnapshot(path:reason:)``,
  ///   ``IndexError/damaged(path:part:)``, ``IndexError/outOfMemory(bytes:)``.
  public static func open(_ path: String, mode: OpenMode = .map) throws(IndexError) -> HNSWIndex {
    let file = try File(path, O_RDONLY, operation: "open")
    let header = try readHeader(file)
    let userInfo = try readUserInfo(file, header)
    // An index that was opened may well grow.
    let index = try HNSWIndex(
      header.configuration, snapshot: SnapshotFile(path: path),
      slots: max(min(header.configuration.maximumCount, 256), header.slotCount + header.slotCount / 8),
      lists: header.upperCount + header.upperCount / 8 + 64)
    index.keptUserInfo.withLock { $0 = userInfo }
    let later = try index.fill(from: file, header, mode: mode)
    try index.adopt(header, path: path)
    try index.verify(later, header)
    return index
  }

  /// The bytes that were given to ``save(to:userInfo:)``, read from a file without opening the index.
  ///
  /// - Throws: ``IndexError`` as ``open(_:mode:)`` for a file that is not a snapshot, or with a damaged head.
  /// - Complexity: Two short reads at any size.
  public static func userInfo(of path: String) throws(IndexError) -> [UInt8] {
    let file = try File(path, O_RDONLY, operation: "open")
    return try readUserInfo(file, readHeader(file))
  }

  private static func readHeader(_ file: borrowing File) throws(IndexError) -> SnapshotHeader {
    let size = try file.size()
    guard size >= SnapshotHeader.size else {
      throw .notASnapshot(path: file.path, reason: "it is only \(size) bytes long")
    }
    let page = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotHeader.size, alignment: 64)
    defer { page.deallocate() }
    guard let start = page.baseAddress else { throw .outOfMemory(bytes: SnapshotHeader.size) }
    try file.read(into: start, bytes: SnapshotHeader.size, at: 0)
    return try SnapshotHeader(Array(page), path: file.path, fileSize: size)
  }

  /// The bytes that were given to the last ``save(to:userInfo:)`` of this index, or of the file it was opened from; else
  /// empty.
  public var userInfo: [UInt8] { keptUserInfo.withLock { $0 } }

  /// Waits until the whole of an opened snapshot has been checked.
  ///
  /// - Complexity: O(n): the file is read once.
  /// - Throws: ``IndexError/damaged(path:part:)``.
  public func verify() throws(IndexError) {
    try snapshot?.waitUntilVerified()
    try completeKeyMap()
  }

  /// Whether the arrays are those of a mapped file that nobody has read to its end yet: perhaps not all are in memory.
  package var isOnDisk: Bool { storage.isOnDisk.load(ordering: .relaxed) }

  private static func readUserInfo(_ file: borrowing File, _ header: SnapshotHeader) throws(IndexError)
    -> [UInt8]
  {
    guard let section = header.sections.first(where: { $0.kind == .userInfo }),
      header.userInfoBytes <= section.bytes
    else { throw .damaged(path: file.path, part: "header") }
    guard section.bytes == SnapshotHeader.padded(header.userInfoBytes) else {
      throw .damaged(path: file.path, part: "header")
    }
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(64, section.bytes), alignment: 64)
    defer { buffer.deallocate() }
    try file.read(into: buffer, bytes: section.bytes, at: section.offset)
    guard checksum(buffer, bytes: section.bytes) == section.checksum else {
      throw .damaged(path: file.path, part: section.kind.name)
    }
    return Array(UnsafeRawBufferPointer(start: buffer, count: header.userInfoBytes))
  }

  /// Brings the arrays into the storage and checks them, but for the large ones of a mapped file, which it returns.
  private func fill(
    from file: borrowing File, _ header: SnapshotHeader, mode: OpenMode
  ) throws(IndexError) -> [(section: SnapshotHeader.Section, array: StorageSection)] {
    let path = file.path
    // In a small file, checking at once is less than starting a thread for it.
    let isMapped =
      mode == .map && (header.sections.last.map { $0.offset + $0.bytes } ?? 0) > Self.checkedAtOnce
    try readCenter(from: file, header)
    if header.sections.contains(where: { $0.kind == .twins }) {
      // The section is expected; how many there are is counted when it has been read.
      storage.hiddenCount.store(1, ordering: .relaxed)
    }
    var now: [(section: SnapshotHeader.Section, array: StorageSection)] = []
    var later = now
    for array in storage.sections(slotCount: header.slotCount, upperCount: header.upperCount) {
      let bytes = SnapshotHeader.padded(array.bytes)
      let matching = header.sections.filter { $0.kind == array.kind }
      guard matching.count == 1, let section = matching.first, section.bytes == bytes else {
        throw .damaged(path: path, part: array.kind.name)
      }
      guard bytes > 0 else { continue }
      if isMapped && !array.kind.isSmall {
        guard storage.map(array.kind, bytes: bytes, of: file.descriptor, from: section.offset) else {
          throw .file(path: path, operation: "map", errno: errno)
        }
        later.append((section, array))
      } else {
        now.append((section, array))
      }
    }
    if isMapped, let first = now.first?.section, let last = now.last?.section {
      // What is needed first comes first.
      for offset in stride(from: first.offset, to: last.offset + last.bytes, by: SystemPages.step) {
        posix_fadvise(file.descriptor, offset, SystemPages.step, POSIX_FADV_WILLNEED)
      }
    }
    adviseSystem(of: later.map(\.array))
    for (section, array) in now {
      try file.read(into: array.start, bytes: section.bytes, at: section.offset)
      guard checksum(array.start, bytes: section.bytes) == section.checksum else {
        throw .damaged(path: path, part: array.kind.name)
      }
    }
    return later
  }

  /// Files up to so many bytes are read rather than mapped.
  private static let checkedAtOnce = 128 << 10

  /// Up to so many bytes of codes are read at once: a search asks for thousands of places among them.
  private static let readAtOnce = 128 << 20

  /// Tells the system how the pages of mapped arrays will be asked for while they are not in memory.
  ///
  /// A search follows links and compares a few hundred vectors, here and there: what the system would read around each
  /// place (up to megabytes) would keep the next one waiting.
  private func adviseSystem(of arrays: [StorageSection]) {
    var wanted: [StorageSection] = []
    for array in arrays {
      let isScanned = array.kind == .vectors && !space.usesCodes
      let isCode = [.codes, .residuals, .terms].contains(array.kind)
      if isCode, array.bytes <= Self.readAtOnce {
        wanted.append(array)
      } else if !isScanned {
        madvise(array.start, SnapshotHeader.padded(array.bytes), MADV_RANDOM)
      }
    }
    guard !wanted.isEmpty else { return }
    let work = ReadingAhead(storage: storage, arrays: wanted)
    _ = Parallel.detach { work.run() }
  }

  /// Arrays to be brought into memory; unchecked sendable since only advice is given about their addresses.
  private struct ReadingAhead: @unchecked Sendable {
    let storage: Storage
    let arrays: [StorageSection]

    func run() {
      for array in arrays { SystemPages.prefetch(array.start, bytes: array.bytes) }
    }
  }

  /// Brings in the centre of the codes, where there is one.
  private func readCenter(from file: borrowing File, _ header: SnapshotHeader) throws(IndexError) {
    guard let section = header.sections.first(where: { $0.kind == .center }) else { return }
    let center = storage.center
    guard section.bytes == SnapshotHeader.padded((space.stride + 1) * 4), space.usesCodes,
      space.metric == .cosine
    else { throw .damaged(path: file.path, part: section.kind.name) }
    try file.read(into: center.values, bytes: section.bytes, at: section.offset)
    guard checksum(center.values, bytes: section.bytes) == section.checksum, center.isSet,
      center.derive(space)
    else { throw .damaged(path: file.path, part: section.kind.name) }
  }

  /// Checks the large arrays that were mapped later, on a thread of their own; now if there are none, or no thread.
  private func verify(
    _ sections: [(section: SnapshotHeader.Section, array: StorageSection)], _ header: SnapshotHeader
  ) throws(IndexError) {
    guard let snapshot else { return }
    let work = Pending(storage: storage, sections: sections, slotCount: header.slotCount)
    storage.isOnDisk.store(!sections.isEmpty, ordering: .relaxed)
    let check: @Sendable () -> Void = {
      snapshot.finish(damagedPart: work.damagedPart())
      work.storage.isOnDisk.store(false, ordering: .relaxed)
    }
    let isLater =
      !sections.isEmpty
      && Parallel.detach {
        if snapshot.waitUntilWanted() { check() }
      }
    guard !isLater else { return }
    check()
    try snapshot.throwIfDamaged()
    try completeKeyMap()
  }

  /// Sections still to be checked; keeps their memory alive meanwhile. Unchecked sendable since nothing is changed or moved
  /// before the check has ended.
  private struct Pending: @unchecked Sendable {
    let storage: Storage
    let sections: [(section: SnapshotHeader.Section, array: StorageSection)]
    let slotCount: Int

    /// Bytes that are asked for from the disk while those before them are summed up.
    private static let stretch = 8 << 20

    func damagedPart() -> String? {
      for (section, array) in sections where sum(of: array.start, section.bytes) != section.checksum {
        return section.kind.name
      }
      guard storage.hasSoundLinks(slotCount: slotCount) else { return "links" }
      return storage.twinsAgree(slotCount: slotCount) ? nil : SnapshotHeader.Kind.twins.name
    }

    private func sum(of start: UnsafeMutableRawPointer, _ bytes: Int) -> UInt64 {
      var sum = Checksum()
      for offset in stride(from: 0, to: bytes, by: Self.stretch) {
        let next = offset + Self.stretch
        if next < bytes { SystemPages.prefetch(start + next, bytes: min(Self.stretch, bytes - next)) }
        sum.update(start + offset, bytes: min(Self.stretch, bytes - offset))
      }
      return sum.value
    }
  }

  /// Takes over counts and what is derived from the small arrays, after checking that nothing points outside.
  private func adopt(_ header: SnapshotHeader, path: String) throws(IndexError) {
    let damaged = IndexError.damaged(path: path, part: "structure")
    let entry = EntryPoint(word: header.entry)
    var live = 0
    var usedLists = [Bool](repeating: false, count: header.upperCount)
    for i in 0..<header.slotCount {
      switch storage.states[i] {
      case SlotState.live: live += 1
      case SlotState.free:
        // A level would let upper links lead here, and from here outside the array.
        guard storage.levels[i] == 0 else { throw damaged }
        continue
      default: throw damaged
      }
      let level = Int(storage.levels[i])
      guard level > 0 else { continue }
      let first = Int(storage.upperIndex[i])
      guard level <= Writer.topLevel, first + level <= header.upperCount else { throw damaged }
      for list in first..<(first + level) {
        if usedLists[list] { throw damaged }
        usedLists[list] = true
      }
      for l in 1...level {
        let list = storage.links(UInt32(i), level: l)
        for j in 0..<list.width where list[j] != Link.empty {
          let other = Int(Link.slot(list[j]))
          guard other < header.slotCount, Int(storage.levels[other]) >= l else { throw damaged }
        }
      }
    }
    let hasTwins = storage.hiddenCount.load(ordering: .relaxed) > 0
    guard !hasTwins || storage.haveSoundTwins(slotCount: header.slotCount) else {
      throw .damaged(path: path, part: SnapshotHeader.Kind.twins.name)
    }
    guard live == header.liveCount, entry.isNone == (live == 0),
      entry.isNone
        || (Int(entry.slot) < header.slotCount && storage.isCurrent(entry.slot)
          && !storage.isHidden(entry.slot) && Int(storage.levels[Int(entry.slot)]) == entry.level)
    else { throw damaged }
    writer.withLock { writer in
      writer.upperCount = (usedLists.lastIndex(of: true) ?? -1) + 1
      writer.centeredAt = header.liveCount
      writer.freeUpper = Self.freeRuns(usedLists.prefix(writer.upperCount))
      guard live < header.slotCount else { return }
      for slot in stride(from: header.slotCount - 1, through: 0, by: -1)
      where storage.states[slot] == SlotState.free {
        writer.freeSlots.append(UInt32(slot))
      }
    }
    keyMap.withLock { $0.isComplete = false }
    tuning.withLock { $0 = header.tuning }
    entryWord.store(header.entry, ordering: .releasing)
    liveCount.store(live, ordering: .releasing)
    slotCount.store(header.slotCount, ordering: .releasing)
  }

  /// The runs of lists that no slot uses, by length; longer ones are cut.
  private static func freeRuns(_ used: ArraySlice<Bool>) -> [[UInt32]] {
    var runs = Writer.noLists
    var begin = 0
    for i in used.indices {
      if used[i] {
        begin = i + 1
      } else if i + 1 - begin == Writer.topLevel || used[i + 1] {
        runs[i + 1 - begin].append(UInt32(begin))
        begin = i + 1
      }
    }
    return runs
  }
}

extension Storage {
  /// Whether every link of the lowest level leads from a live slot to another one, and the tree links are those of a
  /// spanning forest: each answered by the other end, no node with two parents, no circle.
  ///
  /// Changes rely on this; searches only on links that lie below the slot count, which they check.
  func hasSoundLinks(slotCount n: Int) -> Bool {
    var parents = [UInt32](repeating: Link.empty, count: n)
    var childLinks = 0
    var parentLinks = 0
    for slot in 0..<UInt32(n) {
      let list = links(slot, level: 0)
      let isLive = isCurrent(slot)
      for i in 0..<list.width where list[i] != Link.empty {
        let other = Link.slot(list[i])
        guard isLive, other != slot, other < n, isCurrent(other), !isHidden(slot), !isHidden(other) else {
          return false
        }
        switch list[i] & Link.tree {
        case 0: continue
        case Link.parent:
          guard parents[Int(slot)] == Link.empty else { return false }
          parents[Int(slot)] = other
          parentLinks += 1
        case Link.child: childLinks += 1
        default: return false
        }
      }
    }
    guard childLinks == parentLinks else { return false }
    for slot in 0..<UInt32(n) where childLinks > 0 {
      let list = links(slot, level: 0)
      for i in 0..<list.width where list[i] != Link.empty && list[i] & Link.child != 0 {
        guard parents[Int(Link.slot(list[i]))] == slot else { return false }
        childLinks -= 1
      }
    }
    return !hasCircle(parents)
  }

  private func hasCircle(_ parents: [UInt32]) -> Bool {
    // The start of the walk that came to a slot, plus one.
    var walk = [UInt32](repeating: 0, count: parents.count)
    for start in parents.indices {
      var slot = UInt32(start)
      while slot != Link.empty, walk[Int(slot)] == 0 {
        walk[Int(slot)] = UInt32(start) + 1
        slot = parents[Int(slot)]
      }
      if slot != Link.empty, walk[Int(slot)] == UInt32(start) + 1 { return true }
    }
    return false
  }
}
