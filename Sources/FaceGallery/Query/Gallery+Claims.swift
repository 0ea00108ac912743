public import FaceEngine
public import GalleryStore

/// Whether a face is that of a certain person of the gallery.
public struct ClaimAnswer: Sendable, Hashable {
  /// The person.
  public let person: PersonID
  /// The person's face that is most like the probe.
  public let face: FaceID
  /// How many of the person's faces the similarity is of.
  public let faces: Int
  /// Cosine similarity to the person by ``QueryOptions/rule``, −1…1.
  public let similarity: Float
  /// The similarity from which a query would name the person, if nobody else came near.
  public let threshold: Float
  /// Probability that it is the person for this threshold: at least ½ exactly when the similarity reaches it. Nil where no operating
  /// point was measured.
  public let probability: Double?
  /// Whether the similarity reaches the threshold.
  public var isSamePerson: Bool { similarity >= threshold }
}

extension Gallery {
  /// Says of each embedding whether it is that of a person, all from the same state of the gallery.
  ///
  /// The person is judged as by ``query(_:options:)``, and nobody else is looked at: of two people alike both may be said to be it. Of more
  /// than 256 faces of the person so many are compared, evenly spread.
  ///
  /// - Parameters:
  ///   - embeddings: Probes, of the gallery's engine.
  ///   - person: Who it is claimed to be.
  ///   - threshold: The similarity from which it is the person; nil is that of a query.
  ///   - rule: How the person is judged by the faces.
  /// - Returns: An answer each, in their order.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `noSuchFace` for a person without faces, and as ``query(_:options:)``.
  /// - Complexity: O(*f*) for *f* faces of the person, 256 at most.
  public func verify(
    _ embeddings: [Embedding], as person: PersonID, threshold: Float? = nil,
    rule: QueryOptions.Rule = .meanOfBest(QueryOptions.standardFaces)
  ) throws(GalleryError) -> [ClaimAnswer] {
    let options = QueryOptions(threshold: threshold, rule: rule)
    try Self.check(options)
    return try perform { session in
      try session.store.read { snapshot in
        guard let name = try snapshot.personRecord(person)?.name else {
          throw GalleryError.noSuchPerson(person)
        }
        let point = try operatingPoint(snapshot)
        let lowest = try self.threshold(
          options, point, faces: snapshot.faceCount() - snapshot.faceCount(of: .unnamed),
          rate: self.options.falsePositiveIdentificationRate)
        guard try snapshot.faceCount(of: person) > 0, let fingerprint = try snapshot.fingerprint() else {
          throw GalleryError(.noSuchFace, "“\(name)” has no face to compare with; add one.")
        }
        if let identity { try EngineIdentity.check(identity.fingerprint, against: fingerprint) }
        return try embeddings.map { embedding in
          guard embedding.dimension == fingerprint.dimension else {
            throw GalleryError.wrongDimension(embedding.dimension, expected: fingerprint.dimension)
          }
          let judge = PersonJudge(
            query: embedding.values, filter: nil, prefetches: session.keeper.isOnDisk,
            nearDuplicate: point?.nearDuplicate)
          guard let judged = try judge.judge(person, count: rule.faces, snapshot) else {
            throw GalleryError.damaged("person \(person) lists no face")
          }
          try snapshot.verifyVectors(of: [judged.entry.face])
          // As in a query: what is given holds, else the number of faces counts too.
          let own = threshold == nil ? point : nil
          let applied = [own?.floor(faces: judged.faces), own?.certainty(faces: judged.faces)]
            .compactMap { $0 }.reduce(lowest, max)
          let similarity = min(max(judged.entry.similarity, -1), 1)
          return ClaimAnswer(
            person: person, face: FaceID(rawValue: judged.entry.face), faces: judged.faces,
            similarity: similarity, threshold: applied,
            probability: point?.probability(similarity: similarity, threshold: applied))
        }
      }
    }
  }
}

extension QueryOptions.Rule {
  /// How many faces count.
  fileprivate var faces: Int {
    switch self {
    case .bestFace: 1
    case .meanOfBest(let count): count
    }
  }
}
