internal import GalleryStore

/// The embeddings of a store, of whom each is, as of one moment: 16 bytes for each.
struct KnownEmbeddings {
  /// A person and a vector as one number of 128 bits: the same embedding is known again by it.
  struct Key: Hashable {
    var high: UInt64
    var low: UInt64

    init(person: PersonID, _ vector: UnsafeRawBufferPointer) {
      (high, low) = (person.rawValue &* 0x9E37_79B9_7F4A_7C15, ~person.rawValue)
      for offset in stride(from: 0, to: vector.count - 3, by: 4) {
        let word = UInt64(vector.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        high = (high ^ word) &* 0x9FB2_1C65_1E98_DF25
        high ^= high >> 32
        low = (low &+ word) &* 0xD6E8_FEB8_6659_FD93
        low ^= low >> 29
      }
    }
  }

  /// What has changed since.
  enum News {
    /// Only these were added, perhaps none.
    case added(Set<Key>)
    /// Embeddings were taken away, given to others or brought back: this is what there is now.
    case all(Set<Key>)
  }

  private(set) var keys: Set<Key> = []
  /// The store's counters at that moment.
  private var moment = Counters()

  /// Takes in what a transaction has found and added.
  ///
  /// - Parameter counters: Those at its end.
  mutating func note(_ news: News, _ added: Set<Key>, at counters: Counters) {
    switch news {
    case .added(let others): keys.formUnion(others)
    case .all(let all): keys = all
    }
    keys.formUnion(added)
    moment = counters
  }

  fileprivate func isCurrent(_ counters: Counters) -> Bool {
    (counters.sequence, counters.tag) == (moment.sequence, moment.tag)
  }

  fileprivate var sequence: UInt64 { moment.sequence }
}

extension StoreSnapshot where Self: ~Copyable {
  /// All embeddings that there are.
  ///
  /// - Complexity: O(*n*) for the faces of the store.
  func allEmbeddings() throws -> Set<KnownEmbeddings.Key> {
    var keys: Set<KnownEmbeddings.Key> = []
    keys.reserveCapacity(try faceCount())
    try forEachOwner { face, person in
      _ = try withVector(of: face.rawValue) { keys.insert(.init(person: person, $0)) }
    }
    return keys
  }

  /// What others have changed since a look at the embeddings, by the log of changes.
  ///
  /// - Complexity: O(*c*) for *c* changes of which all only added; else as ``allEmbeddings()``.
  func news(since known: KnownEmbeddings) throws -> KnownEmbeddings.News {
    let now = try counters()
    if known.isCurrent(now) { return .added([]) }
    // A log that was cut off, or begun anew, does not tell any more.
    guard now.trimmed <= known.sequence, known.sequence <= now.sequence else {
      return .all(try allEmbeddings())
    }
    var added: [FaceID] = []
    var hasOthers = false
    try forEachChange(after: known.sequence) { _, change in
      switch change.kind {
      case .added: added.append(change.face)
      case .removed, .moved: hasOthers = true
      case .renamed, .personRemoved: break
      }
    }
    if hasOthers { return .all(try allEmbeddings()) }
    var keys: Set<KnownEmbeddings.Key> = []
    for face in added {
      guard let person = try faceRecord(face)?.person else { continue }
      _ = try withVector(of: face.rawValue) { keys.insert(.init(person: person, $0)) }
    }
    return .added(keys)
  }
}
