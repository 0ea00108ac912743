public import FaceEngine
internal import GalleryStore

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
    let answers = try query([embedding], options: options)
    guard let answer = answers.first else { throw GalleryError.damaged("a query gave no answer") }
    return answer
  }

  /// Says of several embeddings who each is most like, all from the same state of the gallery.
  ///
  /// - Returns: An answer each, in their order.
  /// - Throws: As for one embedding; `engineFailure` when nobody waits for the answers any more.
  public func query(
    _ embeddings: [Embedding], options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [Answer] {
    try Self.check(options)
    if embeddings.isEmpty { return [] }
    return try perform { session in
      let keeper = session.keeper
      if options.plan == .graph { try keeper.catchUp() } else { try keeper.open() }
      var isBehind = false
      // Work for later must not take the processors from these answers.
      defer { if isBehind { session.saver.catchUpInBackground() } }
      // A merge that is committed in the middle of a search regroups faces under it: search again.
      while true {
        let attempt = try session.store.read { snapshot -> [Answer]? in
          let scope = try QueryScope(snapshot, session, options, operatingPoint: operatingPoint(snapshot))
          if options.plan != .graph {
            isBehind = keeper.catchUpBriefly(scope.counters, scope.history, faces: scope.faces)
          }
          let answers = try embeddings.map { embedding in
            try EngineError.checkCancellation()
            return try answer(embedding, options, scope, session, snapshot)
          }
          return session.persons.lastMove <= scope.counters.sequence ? answers : nil
        }
        guard let attempt else { continue }
        for answer in attempt { session.count(answer.plan) }
        return attempt
      }
    }
  }

  static func check(_ options: QueryOptions) throws(GalleryError) {
    guard options.k > 0 else {
      throw GalleryError(.invalidArgument, "\(options.k) candidates were asked for; ask for at least 1.")
    }
    if case .meanOfBest(let count) = options.rule, count < 1 {
      throw GalleryError(.invalidArgument, "The mean of \(count) faces was asked for; ask for at least 1.")
    }
    if let ef = options.ef, ef < 1 {
      throw GalleryError(.invalidArgument, "ef is \(ef) and must be at least 1.")
    }
  }

  /// Whether a threshold is known for the gallery's embeddings, so that queries need none.
  public func hasOperatingPoint() throws(GalleryError) -> Bool {
    try read { snapshot in try operatingPoint(snapshot) != nil }
  }

  private func answer(
    _ embedding: Embedding, _ options: QueryOptions, _ scope: QueryScope, _ session: Session,
    _ snapshot: borrowing Snapshot
  ) throws -> Answer {
    let (counters, point) = (scope.counters, scope.operatingPoint)
    // Each face is one more that a stranger may resemble.
    let threshold = try threshold(
      options, point, faces: scope.faces - scope.unnamed, rate: self.options.falsePositiveIdentificationRate)
    guard let fingerprint = scope.fingerprint else {
      if counters.lastFace > 0 { throw GalleryError.damaged("it has faces and no engine's fingerprint") }
      return Answer(
        candidates: [], threshold: threshold, certainty: threshold, rivals: [], plan: "exact: empty gallery",
        sequence: counters.sequence)
    }
    if let identity { try EngineIdentity.check(identity.fingerprint, against: fingerprint) }
    guard embedding.dimension == fingerprint.dimension else {
      throw GalleryError.wrongDimension(embedding.dimension, expected: fingerprint.dimension)
    }
    let search = FaceSearch(
      session: session, query: embedding.values, options: Self.widened(options), scope: scope)
    let outcome = try search.run(snapshot)
    var judged: [PersonJudge.Judged] = outcome.entries.map { (entry: $0, faces: 1) }
    if options.grouping == .person, case .meanOfBest(let count) = options.rule {
      let judge = PersonJudge(
        query: embedding.values, filter: scope.filter, prefetches: session.keeper.isOnDisk,
        nearDuplicate: point?.nearDuplicate)
      judged = try judge.judge(outcome.entries, count: count, snapshot)
    }
    // A threshold that was given holds for everybody; else the best candidate's number of faces counts too.
    let (best, isOwn) = (judged.first, options.threshold == nil)
    let floor = isOwn ? best.flatMap { point?.floor(faces: $0.faces) } : nil
    let certainty = isOwn ? best.flatMap { point?.certainty(faces: $0.faces) } : nil
    let applied = max(threshold, floor ?? threshold)
    let rivals = Self.rivals(judged, threshold: applied, margin: point?.margin)
    let named = max(applied, certainty ?? applied)
    let odds = CandidateOdds(
      judged.map(\.entry), faces: best?.faces ?? 1, people: scope.compared(options), named: named,
      isTold: rivals.isEmpty, point)
    let listed = judged.prefix(options.k).map(\.entry)
    try snapshot.verifyVectors(of: (listed + rivals).map(\.face))
    func match(_ entry: TopFaces.Entry) throws -> Match {
      let person = PersonID(rawValue: entry.person)
      guard let record = try snapshot.personRecord(person) else {
        throw GalleryError.damaged("person \(person) is missing")
      }
      let similarity = min(max(entry.similarity, -1), 1)
      return Match(
        person: person, name: record.name, face: FaceID(rawValue: entry.face), similarity: similarity,
        squaredDistance: 2 - 2 * similarity,
        probability: odds.probability(of: entry))
    }
    return Answer(
      candidates: try listed.map(match), threshold: applied, certainty: named,
      rivals: try rivals.map(match), plan: outcome.plan, sequence: counters.sequence)
  }

  /// The best entries of other people whom the best one is not told from; none when nobody reaches the threshold.
  private static func rivals(
    _ judged: [PersonJudge.Judged], threshold: Float, margin: Float?
  ) -> [TopFaces.Entry] {
    guard let margin, let best = judged.first?.entry, best.similarity >= threshold else { return [] }
    var people: Set<UInt64> = [best.person]
    return judged.map(\.entry).prefix { $0.similarity > best.similarity - margin }
      .filter { people.insert($0.person).inserted }
  }

  /// The options of a search that finds enough people to be judged by several faces, and to tell the best from the second.
  private static func widened(_ options: QueryOptions) -> QueryOptions {
    var options = options
    guard options.grouping == .person, case .meanOfBest(let count) = options.rule, count > 1 else {
      options.k = max(options.k, 2)
      return options
    }
    options.k = PersonJudge.candidates(options.k)
    return options
  }

  func operatingPoint(_ snapshot: borrowing Snapshot) throws -> OperatingPoint? {
    if let engine, engine.operatingPoint.isCalibrated { return engine.operatingPoint }
    return try snapshot.operatingPoint()
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
          + "is calibrated.")
    }
    return point.threshold(
      faces: faces, falsePositiveIdentificationRate: rate)
  }
}

/// What all queries of one snapshot have in common.
struct QueryScope {
  let counters: Counters
  /// Of which history these are; see `StoreSnapshot.history()`.
  let history: UInt64
  /// How many faces there are, with and without a name.
  let faces: Int
  /// How many of them have none.
  let unnamed: Int
  /// How many people there are.
  let people: Int
  let fingerprint: EngineFingerprint?
  let operatingPoint: OperatingPoint?
  /// The faces that may be answers; nil is all.
  let filter: FaceFilter?

  init(
    _ snapshot: borrowing Snapshot, _ session: Session, _ options: QueryOptions,
    operatingPoint: OperatingPoint?
  ) throws {
    counters = try snapshot.counters()
    history = try snapshot.history()
    session.persons.begin(history, counters)
    faces = try snapshot.faceCount()
    unnamed = try snapshot.faceCount(of: .unnamed)
    people = try snapshot.personCount()
    fingerprint = try snapshot.fingerprint()
    self.operatingPoint = operatingPoint
    filter = try session.filters.faces(
      matching: options.conditions, counters, snapshot, of: session.store)
  }

  /// How many similarities a probe has from which the best is taken: one a person who is judged by all faces together, else one a face.
  func compared(_ options: QueryOptions) -> Int {
    if options.grouping == .person, case .meanOfBest = options.rule { return people }
    return faces - unnamed
  }
}
