internal import GalleryStore
internal import VectorIndex

/// One search over the index and what was committed after it, in one snapshot of the store.
struct FaceSearch {
  let session: Session
  let query: [Float]
  let options: QueryOptions
  let scope: QueryScope

  /// The best faces, and which way they were found.
  struct Outcome {
    let entries: [TopFaces.Entry]
    let plan: String
  }

  private var store: any Store { session.store }
  private var keeper: IndexKeeper { session.keeper }
  private var persons: PersonMap { session.persons }
  private var counters: Counters { scope.counters }
  private var filter: FaceFilter? { scope.filter }
  private var faces: Int { scope.faces }
  private var isGrouping: Bool { options.grouping == .person }
  private var scan: VectorScan {
    VectorScan(store: store, query: query, filter: filter, limit: options.k, isGrouping: isGrouping)
  }

  func run(_ snapshot: borrowing Snapshot) throws -> Outcome {
    guard let view = keeper.view else {
      return try scanAll(
        "exact: \(faces <= IndexKeeper.smallGallery ? "small gallery" : "index not ready")", snapshot)
    }
    guard view.history == scope.history, view.sequence >= counters.trimmed else {
      return try scanAll("exact: index out of date", snapshot)
    }
    let tail = try FaceChanges(after: view.sequence, of: snapshot)
    // Nearly all would be compared anyway.
    guard Self.isWorthwhile(tail, faces: faces) else {
      return try scanAll("exact: index catching up", snapshot)
    }
    do {
      return try searchIndex(view.index, tail, snapshot)
    } catch let error as IndexError {
      switch error {
      case .damaged, .brokenInvariant, .file, .notASnapshot:
        keeper.discard(view.index, because: error.description)
        return try scanAll("exact: index damaged", snapshot)
      default: throw error
      }
    }
  }

  /// Whether a search of the index and a scan of what is newer take less time than a scan of all faces.
  static func isWorthwhile(_ tail: FaceChanges, faces: Int) -> Bool {
    tail.added.count <= max(faces / 4, Int(IndexKeeper.lightTail))
  }

  private func searchIndex(
    _ index: HNSWIndex, _ tail: FaceChanges, _ snapshot: borrowing Snapshot
  ) throws -> Outcome {
    try persons.follow(counters, snapshot)
    if isGrouping, options.plan == .exact, faces > IndexKeeper.smallGallery {
      try persons.fillAll(snapshot)
    }
    // Faces that the index has and this snapshot has not: removed since, or added since.
    var absent = tail.removed
    var wanted = min(options.k, max(faces, 1))
    while true {
      var top = TopFaces(limit: options.k, isGrouping: isGrouping)
      let result = try index.search(query, k: wanted, options: searchOptions(without: absent))
      if index.isOnDisk { snapshot.prefetch(.vectors(of: result.neighbors.map(\.key))) }
      var newlyAbsent: [UInt64] = []
      for neighbor in result.neighbors where try !offer(neighbor.key, to: &top, snapshot) {
        newlyAbsent.append(neighbor.key)
      }
      guard newlyAbsent.isEmpty else {
        absent.formUnion(newlyAbsent)
        continue
      }
      let isExhausted = result.neighbors.count < wanted
      try offer(tail, to: &top, snapshot)
      guard top.isFull || isExhausted else {
        wanted = min(2 * wanted, index.count + 1)
        continue
      }
      let suffix = tail.added.isEmpty ? "" : " + scan of \(tail.added.count) newer faces"
      return Outcome(entries: top.entries, plan: Self.name(of: result.plan) + suffix)
    }
  }

  private func searchOptions(without absent: Set<UInt64>) -> SearchOptions {
    let plan: SearchOptions.Plan =
      switch options.plan {
      case .automatic: .automatic
      case .graph: .graph
      case .exact: .exact
      }
    var search = SearchOptions(ef: options.ef, plan: plan)
    let person = scope.unnamed > 0 ? persons.lookup() : nil
    if filter != nil || person != nil || !absent.isEmpty {
      search.filter = { [filter] face in
        if let person, person(face) == PersonID.unnamed.rawValue { return false }
        return filter?.contains(face) != false && !absent.contains(face)
      }
    }
    if isGrouping { search.groupBy = persons.lookup() }
    if isGrouping || person != nil {
      search.expecting = { [store] faces in
        try? store.read { $0.prefetch(.records(of: faces)) }
      }
    }
    return search
  }

  /// Offers the faces that the index does not hold yet.
  ///
  /// Numbers of new faces only rise: the vectors from the first one on are those of the tail, and walking over them is many times
  /// faster than looking each up. Faces that came back have old numbers.
  private func offer(
    _ tail: FaceChanges, to top: inout TopFaces, _ snapshot: borrowing Snapshot
  ) throws {
    if let range = tail.addedRange { return try scan.run(range, into: &top, snapshot) }
    for face in tail.added where filter?.contains(face) != false { _ = try offer(face, to: &top, snapshot) }
  }

  /// Offers a face with the similarity of its stored vector; false when it is not there.
  private func offer(
    _ face: UInt64, to top: inout TopFaces, _ snapshot: borrowing Snapshot
  ) throws -> Bool {
    var similarity: Float = 0
    let isThere = try snapshot.withVector(of: face) { bytes in
      guard bytes.count == query.count * MemoryLayout<Float>.size else {
        throw GalleryError.damaged("the vector of face \(face) has \(bytes.count) bytes")
      }
      similarity = query.withUnsafeBufferPointer { CosineSimilarity.dot($0, bytes) }
    }
    guard isThere else {
      // Removed meanwhile; else its vector is lost.
      guard try !snapshot.contains(FaceID(rawValue: face)) else {
        throw GalleryError.damaged("the vector of face \(face) is missing")
      }
      return false
    }
    if top.mightTake(similarity) { try scan.take(face, similarity, into: &top, snapshot) }
    return true
  }

  /// Compares the query with every vector of the store.
  private func scanAll(_ plan: String, _ snapshot: borrowing Snapshot) throws -> Outcome {
    if let outcome = try searchStore(snapshot) { return outcome }
    var top = TopFaces(limit: options.k, isGrouping: isGrouping)
    if counters.lastFace > 0 {
      try store.readingAhead { try scan.run(1...counters.lastFace, into: &top, snapshot) }
    }
    return Outcome(entries: top.entries, plan: plan)
  }

  /// Has the store compare the query with every vector; nil when it cannot.
  ///
  /// What it finds is compared here once more, so that the answer is the same as of a scan, to the last bit.
  private func searchStore(_ snapshot: borrowing Snapshot) throws -> Outcome? {
    var wanted = options.k + 8
    while true {
      var top = TopFaces(limit: options.k, isGrouping: isGrouping)
      let rest = try snapshot.nearest(
        to: query, among: filter?.faces, limit: wanted, byPerson: isGrouping
      ) { face, person, bytes in
        let similarity = query.withUnsafeBufferPointer { CosineSimilarity.dot($0, bytes) }
        top.offer(TopFaces.Entry(face: face, person: person.rawValue, similarity: similarity))
      }
      guard let rest else { return nil }
      let isCertain = rest.similarity == -.infinity || top.isFull && top.leastSimilarity > rest.similarity
      if isCertain { return Outcome(entries: top.entries, plan: "exact: by the database") }
      wanted = wanted > Int.max / 4 ? .max : 4 * wanted
    }
  }

  private static func name(of plan: AnsweredBy) -> String {
    switch plan {
    case .graph: "graph"
    case .widenedGraph: "graph: widened"
    case .exactAsAsked: "exact: asked for"
    case .exactAsSmall: "exact: small gallery"
    case .exactAsNarrow: "exact: narrow filter"
    case .exactAsExhaustive: "exact: most faces needed"
    case .exactAsMeasured: "exact: recall asked for"
    }
  }
}

/// The best faces seen so far; with grouping, the best face of each of the best people.
struct TopFaces {
  /// A face with its similarity to the query.
  struct Entry {
    let face: UInt64
    let person: UInt64
    let similarity: Float
  }

  private let limit: Int
  private let isGrouping: Bool
  /// Best first; equal similarities by face.
  private(set) var entries: [Entry] = []

  init(limit: Int, isGrouping: Bool) {
    self.limit = limit
    self.isGrouping = isGrouping
  }

  var isFull: Bool { entries.count >= limit }

  /// The similarity of the last one; minus infinity when there is none.
  var leastSimilarity: Float { entries.last?.similarity ?? -.infinity }

  /// Whether a face of this similarity might be taken.
  func mightTake(_ similarity: Float) -> Bool {
    guard isFull, let worst = entries.last else { return true }
    return similarity >= worst.similarity
  }

  /// Takes a face if it is among the best; the same face may be offered again.
  ///
  /// - Complexity: O(*limit*).
  mutating func offer(_ entry: Entry) {
    if let there = entries.firstIndex(where: {
      isGrouping ? $0.person == entry.person : $0.face == entry.face
    }) {
      guard isBetter(entry, entries[there]) else { return }
      entries.remove(at: there)
    }
    let place = entries.firstIndex { isBetter(entry, $0) } ?? entries.endIndex
    guard place < limit else { return }
    entries.insert(entry, at: place)
    if entries.count > limit { entries.removeLast() }
  }

  private func isBetter(_ a: Entry, _ b: Entry) -> Bool {
    a.similarity != b.similarity ? a.similarity > b.similarity : a.face < b.face
  }
}
