/// The first page of a snapshot: what the index is and where its parts lie. See docs/index-format.md.
struct SnapshotHeader {
  var configuration: HNSWIndex.Configuration
  var slotCount = 0
  var liveCount = 0
  var entry: UInt64 = EntryPoint.none.word
  var upperCount = 0
  var userInfoBytes = 0
  var tuning = Tuning()
  var sections: [Section] = []

  /// A part of the file: starts at a page and is padded with zeros to whole pages.
  struct Section {
    var kind: Kind
    var offset: Int
    /// Including the padding.
    var bytes: Int
    var checksum: UInt64
  }

  enum Kind: UInt32, CaseIterable {
    case keys = 1
    case levels, states, upperIndex, upperLinks, userInfo, baseLinks, residuals, terms, codes, vectors,
      center, twins

    /// Checked before `open` returns; the others are large and checked beside the first searches.
    var isSmall: Bool { rawValue <= Kind.userInfo.rawValue || self == .center || self == .twins }

    var name: String {
      switch self {
      case .keys: "keys"
      case .levels: "levels"
      case .states: "states"
      case .upperIndex: "upper index"
      case .upperLinks: "upper links"
      case .userInfo: "user info"
      case .baseLinks: "links"
      case .residuals: "residuals"
      case .terms: "terms"
      case .codes: "codes"
      case .vectors: "vectors"
      case .center: "centre"
      case .twins: "twins"
      }
    }
  }

  static let size = 4096
  static let page = 4096
  /// What this program reads up to. A file is of the least version that has all its sections.
  static let version: UInt32 = 3
  static let magic: [UInt8] = Array("FGVINDEX".utf8)
  private static let byteOrder: UInt32 = 0x0102_0304
  private static let sectionTable = 128
  private static let tuningTable = 1024
  private static let maximumPoints = 128

  static func padded(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }

  /// The page, ready to be written.
  func encoded() -> [UInt8] {
    var page = [UInt8](repeating: 0, count: Self.size)
    func put<T: FixedWidthInteger>(_ value: T, at offset: Int) {
      for i in 0..<MemoryLayout<T>.size { page[offset + i] = UInt8(truncatingIfNeeded: value >> T(8 * i)) }
    }
    page.replaceSubrange(0..<8, with: Self.magic)
    let kinds = sections.map(\.kind)
    put(UInt32(kinds.contains(.twins) ? 3 : kinds.contains(.center) ? 2 : 1), at: 8)
    put(Self.byteOrder, at: 12)
    put(UInt32(configuration.dimension), at: 16)
    put(UInt32(Metric.allCases.firstIndex(of: configuration.metric) ?? 0), at: 20)
    put(UInt32(configuration.M), at: 24)
    put(UInt32(configuration.efConstruction), at: 28)
    put(configuration.seed, at: 32)
    put(UInt64(configuration.maximumCount), at: 40)
    put(UInt64(slotCount), at: 48)
    put(UInt64(liveCount), at: 56)
    put(entry, at: 64)
    put(UInt64(upperCount), at: 72)
    put(UInt64(userInfoBytes), at: 80)
    put(tuning.target.bitPattern, at: 88)
    put(UInt32(tuning.k), at: 96)
    let points = tuning.points.suffix(Self.maximumPoints)
    put(UInt32(points.count), at: 100)
    put(UInt32(sections.count), at: 104)
    for (i, section) in sections.enumerated() {
      let at = Self.sectionTable + 32 * i
      put(section.kind.rawValue, at: at)
      put(UInt64(section.offset), at: at + 8)
      put(UInt64(section.bytes), at: at + 16)
      put(section.checksum, at: at + 24)
    }
    for (i, point) in points.enumerated() {
      put(UInt64(point.ef), at: Self.tuningTable + 16 * i)
      put(point.recall.bitPattern, at: Self.tuningTable + 16 * i + 8)
    }
    put(Self.checksum(page), at: Self.size - 8)
    return page
  }

  private static func checksum(_ page: [UInt8]) -> UInt64 {
    var page = page
    for i in (size - 8)..<size { page[i] = 0 }
    return page.withUnsafeBytes { bytes in
      bytes.baseAddress.map { VectorIndex.checksum($0, bytes: size) } ?? 0
    }
  }

  /// Reads and checks a page.
  init(_ page: [UInt8], path: String, fileSize: Int) throws(IndexError) {
    func get<T: FixedWidthInteger>(_ type: T.Type, at offset: Int) -> T {
      var value: T = 0
      for i in 0..<MemoryLayout<T>.size { value |= T(truncatingIfNeeded: page[offset + i]) << T(8 * i) }
      return value
    }
    guard page.count == Self.size, Array(page[0..<8]) == Self.magic else {
      throw .notASnapshot(path: path, reason: "its first bytes are not those of a snapshot")
    }
    guard get(UInt64.self, at: Self.size - 8) == Self.checksum(page) else {
      throw .damaged(path: path, part: "header")
    }
    guard (1...Self.version).contains(get(UInt32.self, at: 8)) else {
      throw .notASnapshot(path: path, reason: "its version is \(get(UInt32.self, at: 8))")
    }
    guard get(UInt32.self, at: 12) == Self.byteOrder, UInt32(1).littleEndian == 1 else {
      throw .notASnapshot(path: path, reason: "its byte order is not this machine's")
    }
    let damagedHeader = IndexError.damaged(path: path, part: "header")
    func count(at offset: Int) throws(IndexError) -> Int {
      guard let value = Int(exactly: get(UInt64.self, at: offset)) else { throw damagedHeader }
      return value
    }
    let metric = Int(get(UInt32.self, at: 20))
    guard metric < Metric.allCases.count else { throw damagedHeader }
    configuration = .init(
      dimension: Int(get(UInt32.self, at: 16)), metric: Metric.allCases[metric],
      M: Int(get(UInt32.self, at: 24)), efConstruction: Int(get(UInt32.self, at: 28)),
      seed: get(UInt64.self, at: 32), maximumCount: try count(at: 40))
    try configuration.validate()
    slotCount = try count(at: 48)
    liveCount = try count(at: 56)
    entry = get(UInt64.self, at: 64)
    upperCount = try count(at: 72)
    userInfoBytes = try count(at: 80)
    tuning.target = Double(bitPattern: get(UInt64.self, at: 88))
    tuning.k = Int(get(UInt32.self, at: 96))
    let points = Int(get(UInt32.self, at: 100))
    let sectionCount = Int(get(UInt32.self, at: 104))
    guard points <= Self.maximumPoints, sectionCount <= 24, liveCount <= slotCount,
      liveCount <= configuration.maximumCount, slotCount < Int(Link.mask), tuning.k >= 1,
      userInfoBytes <= HNSWIndex.maximumUserInfo,
      // Every slot may have lists on all levels; files of before have some that nothing uses.
      upperCount <= max(slotCount * Writer.topLevel, configuration.maximumCount / 2 + 1024),
      (0...1).contains(tuning.target)
    else { throw damagedHeader }
    for i in 0..<points {
      let ef = try count(at: Self.tuningTable + 16 * i)
      let recall = Double(bitPattern: get(UInt64.self, at: Self.tuningTable + 16 * i + 8))
      guard (1...(1 << 40)).contains(ef), (0...1).contains(recall) else { throw damagedHeader }
      tuning.points.append(.init(ef: ef, recall: recall))
    }
    if points > 0 { tuning.count = liveCount }
    var end = Self.size
    for i in 0..<sectionCount {
      let at = Self.sectionTable + 32 * i
      let offset = try count(at: at + 8)
      let bytes = try count(at: at + 16)
      guard let kind = Kind(rawValue: get(UInt32.self, at: at)), offset == end, bytes % Self.page == 0,
        bytes <= 1 << 46
      else { throw damagedHeader }
      sections.append(
        Section(kind: kind, offset: offset, bytes: bytes, checksum: get(UInt64.self, at: at + 24)))
      end += bytes
    }
    guard fileSize == end else { throw .damaged(path: path, part: "its length") }
  }

  init(configuration: HNSWIndex.Configuration) { self.configuration = configuration }
}
