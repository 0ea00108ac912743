public import FaceEngine
internal import LMDB

extension Gallery {
  /// Says who an embedding is most like.
  ///
  /// Changes that were committed before, also by other processes, are taken into account.
  ///
  /// - Parameters:
  ///   - embedding: The probe, of the gallery's engine.
  ///   - options: How many candidates, people or faces, the threshold, and the way of the search.
  /// - Returns: At most `options.k` candidates, best first, and from them whether the probe is known.
  /// - Throws: ``GalleryError``: `invalidEmbedding`, `invalidArgument`, `thresholdNeeded` in a gallery that
  ///   has no engine's operating point, `engineMismatch`.
  /// - Complexity: About O(log *n*) for *n* faces through the graph, O(*n*) exactly.
  public func query(
    _ embedding: Embedding, options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> Answer {
    guard options.k > 0 else {
      throw GalleryError(.invalidArgument, "\(options.k) candidates were asked for; ask for at least 1.")
    }
    if case .meanOfBest(let count) = options.rule, count < 1 {
      throw GalleryError(.invalidArgument, "The mean of \(count) faces was asked for; ask for at least 1.")
    }
    if let ef = options.ef, ef < 1 {
      throw GalleryError(.invalidArgument, "ef is \(ef) and must be at least 1.")
    }
    return try perform { session in
      let isBehind = try prepare(session, options)
      // Work for later must not take the processors from this answer.
      defer { if isBehind { session.keeper.catchUpInBackground() } }
      // A merge that is committed in the middle of a search regroups faces under it: search again.
      while true {
        let attempt = try session.store.environment.read { transaction -> Answer? in
          try answer(embedding, options, session, transaction)
        }
        guard let attempt else { continue }
        session.keeper.count(attempt.plan)
        return attempt
      }
    }
  }

  /// Whether a threshold is known for the gallery's embeddings, so that queries need none.
  public func hasOperatingPoint() throws(GalleryError) -> Bool {
    try read { store, transaction in try operatingPoint(store, transaction) != nil }
  }

  /// - Returns: Whether the index is to be brought up to date after the answer.
  private func prepare(_ session: Session, _ options: QueryOptions) throws -> Bool {
    let keeper = session.keeper
    if options.plan == .graph {
      try keeper.catchUp()
      return false
    }
    try keeper.load()
    let (counters, faces) = try session.store.environment.read { transaction in
      (
        try session.store.counters(transaction),
        try transaction.count(of: session.store.tables.vectors)
      )
    }
    return keeper.prepareForQuery(counters, faces: faces)
  }

  private func answer(
    _ embedding: Embedding, _ options: QueryOptions, _ session: Session,
    _ transaction: borrowing ReadTransaction
  ) throws -> Answer? {
    let store = session.store
    let counters = try store.counters(transaction)
    let point = try operatingPoint(store, transaction)
    // Each face is one more that a stranger may resemble.
    let enrolled = try transaction.count(of: store.tables.vectors) - store.unnamedCount(transaction)
    let threshold = try threshold(
      options, point, faces: enrolled, rate: self.options.falsePositiveIdentificationRate)
    guard let fingerprint = try store.fingerprint(transaction) else {
      if counters.lastFace > 0 { throw Store.damaged("it has faces and no engine's fingerprint") }
      return Answer(
        candidates: [], threshold: threshold, plan: "exact: empty gallery", sequence: counters.sequence)
    }
    if let identity { try Store.checkEngine(identity.fingerprint, against: fingerprint) }
    guard embedding.dimension == fingerprint.dimension else {
      throw GalleryError(
        .invalidEmbedding,
        "The embedding has \(embedding.dimension) components, and those of the gallery have "
          + "\(fingerprint.dimension).")
    }
    let faces = try transaction.count(of: store.tables.vectors)
    let filter =
      options.conditions.isEmpty ? nil : try session.keeper.filter(options.conditions, counters, transaction)
    let search = FaceSearch(
      keeper: session.keeper, query: embedding.values, options: Self.widened(options), counters: counters,
      faces: faces, filter: filter)
    let outcome = try search.run(transaction)
    guard session.keeper.persons.lastMove <= counters.sequence else { return nil }
    var entries = outcome.entries
    if options.grouping == .person, case .meanOfBest(let count) = options.rule {
      let judge = PersonJudge(
        store: store, query: embedding.values, filter: filter,
        asksAhead: session.keeper.isOnDisk)
      entries = try judge.judge(entries, count: count, transaction)
    }
    entries = Array(entries.prefix(options.k))
    try store.checkVectors(of: entries.lazy.map(\.face), transaction)
    let candidates = try entries.map { entry in
      let person = PersonID(rawValue: entry.person)
      guard let record = try store.personRecord(person, transaction) else {
        throw Store.damaged("person \(person) is missing")
      }
      let similarity = min(max(entry.similarity, -1), 1)
      return Match(
        person: person, name: record.name, face: FaceID(rawValue: entry.face), similarity: similarity,
        squaredDistance: 2 - 2 * similarity,
        probability: point?.probability(similarity: similarity, threshold: threshold))
    }
    return Answer(
      candidates: candidates, threshold: threshold, plan: outcome.plan, sequence: counters.sequence)
  }

  /// The options of a search that finds enough people to be judged by several faces.
  private static func widened(_ options: QueryOptions) -> QueryOptions {
    guard options.grouping == .person, case .meanOfBest(let count) = options.rule, count > 1 else {
      return options
    }
    var options = options
    options.k = PersonJudge.candidates(options.k)
    return options
  }

  func operatingPoint(
    _ store: Store, _ transaction: borrowing ReadTransaction
  ) throws -> OperatingPoint? {
    if let engine, engine.operatingPoint.isCalibrated { return engine.operatingPoint }
    return try store.operatingPoint(transaction)
  }

  func threshold(
    _ options: QueryOptions, _ point: OperatingPoint?, faces: Int, rate: Double
  ) throws(GalleryError) -> Float {
    if let threshold = options.threshold {
      guard threshold.isFinite else {
        throw GalleryError(.invalidArgument, "The threshold is not a number; give one from −1 to 1.")
      }
      return threshold
    }
    guard let point else {
      throw GalleryError(
        .thresholdNeeded,
        "No operating point is known for the gallery's embeddings; give a threshold, or open it with an engine that "
          + "is calibrated (\"galleryctl eval\" calibrates one)."
      )
    }
    return point.threshold(
      people: faces, falsePositiveIdentificationRate: rate)
  }
}
