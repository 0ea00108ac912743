internal import LMDB
internal import VectorIndex

/// One search over the index and what was committed after it, in one transaction of the store.
struct FaceSearch {
  let keeper: IndexKeeper
  let query: [Float]
  let options: QueryOptions
  let counters: Counters
  let faces: Int
  /// The faces that may be answers; nil is all.
  let filter: FaceFilter?

  /// The best faces, and which way they were found.
  struct Outcome {
    let entries: [TopFaces.Entry]
    let plan: String
  }

  private var store: Store { keeper.store }
  private var isGrouping: Bool { options.grouping == .person }
  private var scan: VectorScan {
    VectorScan(store: store, query: query, filter: filter, limit: options.k, isGrouping: isGrouping)
  }

  func run(_ transaction: borrowing ReadTransaction) throws -> Outcome {
    guard let view = keeper.view else {
      return try scanAll(
        "exact: \(faces <= IndexKeeper.smallGallery ? "small gallery" : "index not ready")", transaction)
    }
    guard view.sequence >= counters.trimmed else {
      return try scanAll("exact: index out of date", transaction)
    }
    let tail = try Tail(after: view.sequence, of: store, transaction)
    // Nearly all would be compared anyway.
    guard Self.isWorthwhile(tail, faces: faces) else {
      return try scanAll("exact: index catching up", transaction)
    }
    do {
      return try searchIndex(view.index, tail, transaction)
    } catch let error as IndexError {
      switch error {
      case .damaged, .brokenInvariant, .file, .notASnapshot:
        keeper.discard(view.index, because: error.description)
        return try scanAll("exact: index damaged", transaction)
      default: throw error
      }
    }
  }

  /// Whether a search of the index and a scan of what is newer take less time than a scan of all faces.
  static func isWorthwhile(_ tail: Tail, faces: Int) -> Bool {
    tail.added.count <= max(faces / 4, Int(IndexKeeper.lightTail))
  }

  private func searchIndex(
    _ index: HNSWIndex, _ tail: Tail, _ transaction: borrowing ReadTransaction
  ) throws -> Outcome {
    try keeper.persons.follow(counters, transaction)
    if isGrouping, options.plan == .exact, faces > IndexKeeper.smallGallery {
      try keeper.persons.fillAll(transaction)
    }
    let hasUnnamed = try store.hasUnnamedFaces(transaction)
    // Faces that the index has and this transaction has not: removed since, or added since.
    var absent = tail.removed
    var wanted = min(options.k, max(faces, 1))
    while true {
      var top = TopFaces(limit: options.k, isGrouping: isGrouping)
      let result = try index.search(query, k: wanted, options: searchOptions(without: absent, hasUnnamed))
      if index.isOnDisk { transaction.prefetch(result.neighbors.map(\.key), of: store.tables.vectors) }
      var newlyAbsent: [UInt64] = []
      for neighbor in result.neighbors where try !offer(neighbor.key, to: &top, transaction) {
        newlyAbsent.append(neighbor.key)
      }
      guard newlyAbsent.isEmpty else {
        absent.formUnion(newlyAbsent)
        continue
      }
      let isExhausted = result.neighbors.count < wanted
      try offer(tail, to: &top, transaction)
      guard top.isFull || isExhausted else {
        wanted = min(2 * wanted, index.count + 1)
        continue
      }
      let suffix = tail.added.isEmpty ? "" : " + scan of \(tail.added.count) newer faces"
      return Outcome(entries: top.entries, plan: Self.name(of: result.plan) + suffix)
    }
  }

  private func searchOptions(without absent: Set<UInt64>, _ hasUnnamed: Bool) -> SearchOptions {
    let plan: SearchOptions.Plan =
      switch options.plan {
      case .automatic: .automatic
      case .graph: .graph
      case .exact: .exact
      }
    var search = SearchOptions(ef: options.ef, plan: plan)
    let person = hasUnnamed ? keeper.persons.lookup() : nil
    if filter != nil || person != nil || !absent.isEmpty {
      search.filter = { [filter] face in
        if let person, person(face) == PersonID.unnamed.rawValue { return false }
        return filter?.contains(face) != false && !absent.contains(face)
      }
    }
    if isGrouping { search.groupBy = keeper.persons.lookup() }
    if isGrouping || person != nil {
      search.expecting = { [store] faces in
        try? store.environment.read { $0.prefetch(faces, of: store.tables.faces) }
      }
    }
    return search
  }

  /// Offers the faces that the index does not hold yet.
  ///
  /// Numbers of faces only rise: the vectors from the first new face on are those of the tail, and walking over
  /// them is many times faster than looking each up.
  private func offer(
    _ tail: Tail, to top: inout TopFaces, _ transaction: borrowing ReadTransaction
  ) throws {
    guard let first = tail.added.first else { return }
    try scan.run(first...max(first, counters.lastFace), into: &top, transaction)
  }

  /// Offers a face with the similarity of its stored vector; false when it is not there.
  private func offer(
    _ face: UInt64, to top: inout TopFaces, _ transaction: borrowing ReadTransaction
  ) throws -> Bool {
    let query = query
    let similarity = try transaction.withBytes(for: face, in: store.tables.vectors) { bytes -> Float? in
      guard let bytes else { return nil }
      return try query.withUnsafeBufferPointer { try cosine($0, bytes, face) }
    }
    guard let similarity else {
      // Removed meanwhile; else its vector is lost.
      guard try !transaction.contains(face, in: store.tables.faces) else {
        throw Store.damaged("the vector of face \(face) is missing")
      }
      return false
    }
    if top.mightTake(similarity) { try scan.take(face, similarity, into: &top, transaction) }
    return true
  }

  /// Compares the query with every vector of the store.
  private func scanAll(_ plan: String, _ transaction: borrowing ReadTransaction) throws -> Outcome {
    var top = TopFaces(limit: options.k, isGrouping: isGrouping)
    if counters.lastFace > 0 {
      try store.environment.readingAhead { try scan.run(1...counters.lastFace, into: &top, transaction) }
    }
    return Outcome(entries: top.entries, plan: plan)
  }

  private func cosine(
    _ query: UnsafeBufferPointer<Float>, _ bytes: RawSpan, _ face: UInt64
  ) throws -> Float {
    guard bytes.byteCount == query.count * MemoryLayout<Float>.size else {
      throw Store.damaged("the vector of face \(face) has \(bytes.byteCount) bytes")
    }
    return VectorBytes.dot(query, bytes)
  }

  private static func name(of plan: AnsweredBy) -> String {
    switch plan {
    case .graph: "graph"
    case .widenedGraph: "graph: widened"
    case .exactAsAsked: "exact: asked for"
    case .exactAsSmall: "exact: small gallery"
    case .exactAsNarrow: "exact: narrow filter"
    case .exactAsExhaustive: "exact: most faces needed"
    }
  }
}
