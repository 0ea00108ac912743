internal import FaceEngine
internal import GalleryStore

/// Why a face that was added may not be the person's.
public enum EnrolmentDoubt: Sendable, Hashable, CustomStringConvertible {
  /// The gallery knows the face as somebody else, to whom it is closer than to the person: their name, the similarity to them, and that to
  /// the person, nil for one of whom there was no face.
  case closer(to: String, similarity: Float, own: Float?)
  /// It is less like the person's faces, so many of them, than 99 of 100 photos of a person are.
  case unlike(similarity: Float, faces: Int)

  /// A short word for the kind, for JSON.
  public var kind: String {
    switch self {
    case .closer: "closer-to-other"
    case .unlike: "unlike-own"
    }
  }

  /// One sentence.
  public var description: String {
    switch self {
    case .closer(let name, let similarity, let own?):
      "This face is closer to “\(name)” (\(rounded(similarity))) than to the person (\(rounded(own)))."
    case .closer(let name, let similarity, nil):
      "This face is that of “\(name)” by its similarity (\(rounded(similarity)))."
    case .unlike(let similarity, let faces):
      "This face is unlike the person's other \(faces == 1 ? "one" : String(faces)) (similarity \(rounded(similarity)))."
    }
  }

  private func rounded(_ value: Float) -> String { String((value * 100).rounded() / 100) }
}

extension EnrolmentDoubt {
  /// Somebody as whom a face is known, and how similar it is to them.
  typealias Rival = (name: String, similarity: Float)

  /// What speaks against a face being a person's; nil when nothing does.
  ///
  /// - Parameters:
  ///   - rival: Somebody else as whom the gallery knows the face, if it does.
  ///   - own: How the face is judged by the person's own faces; nil for one who has none.
  ///   - point: What similarities mean.
  fileprivate init?(rival: Rival?, own: PersonJudge.Judged?, _ point: OperatingPoint) {
    let similarity = own.map { min(max($0.entry.similarity, -1), 1) }
    if let rival, rival.similarity > similarity ?? -1 {
      self = .closer(to: rival.name, similarity: rival.similarity, own: similarity)
    } else if let own, let similarity, let floor = point.floor(faces: own.faces), similarity < floor {
      self = .unlike(similarity: similarity, faces: own.faces)
    } else {
      return nil
    }
  }
}

extension Gallery {
  /// What speaks against the name of a photo whose faces were prepared; nothing where no operating point is known.
  ///
  /// - Complexity: That of a query, and O(*f*) for *f* faces of the person.
  func doubts(about photo: PreparedPhoto) throws(GalleryError) -> [EnrolmentDoubt] {
    guard let name = photo.name, try hasOperatingPoint() else { return [] }
    let embeddings = photo.faces.map(\.embedding)
    let answers = try query(embeddings, options: QueryOptions(k: 1))
    return try perform { session in
      try session.store.read { snapshot in
        guard let point = try operatingPoint(snapshot) else { return [] }
        let person = try snapshot.person(named: name)
        var doubts: [EnrolmentDoubt] = []
        for (embedding, answer) in zip(embeddings, answers) {
          let judge = PersonJudge(
            query: embedding.values, filter: nil, prefetches: session.keeper.isOnDisk,
            nearDuplicate: point.nearDuplicate)
          let own = try person.flatMap {
            try judge.judge($0, count: QueryOptions.standardFaces, snapshot)
          }
          let best = answer.verdict.isKnown ? answer.candidates.first : nil
          let rival = best.flatMap { $0.person == person ? nil : ($0.name, $0.similarity) }
          if let doubt = EnrolmentDoubt(rival: rival, own: own, point) { doubts.append(doubt) }
        }
        return doubts
      }
    }
  }

  /// What speaks against giving the faces of moved photos to others: the rival is the person whose they are.
  ///
  /// - Complexity: O(*f*) a face, for *f* faces of both people.
  func doubts(about moves: [SyncPlan.Move]) throws(GalleryError) -> [FaceID: EnrolmentDoubt] {
    let moves = moves.filter { $0.name != nil && $0.person != .unnamed }
    guard !moves.isEmpty else { return [:] }
    return try read { snapshot in
      guard let point = try operatingPoint(snapshot) else { return [:] }
      let named = try snapshot.faceCount() - snapshot.faceCount(of: .unnamed)
      let threshold = try threshold(
        QueryOptions(), point, faces: named, rate: options.falsePositiveIdentificationRate)
      var doubts: [FaceID: EnrolmentDoubt] = [:]
      for move in moves {
        let target = try move.name.flatMap { try snapshot.person(named: PersonName($0)) }
        guard let name = try snapshot.personRecord(move.person)?.name else { continue }
        for face in move.faces {
          guard let vector = try snapshot.vector(of: face) else { continue }
          let judge = PersonJudge(
            query: vector, filter: nil, prefetches: false, nearDuplicate: point.nearDuplicate)
          let count = QueryOptions.standardFaces
          let before = try judge.judge(move.person, without: face, count: count, snapshot)
          let own = try target.flatMap { try judge.judge($0, count: count, snapshot) }
          let rival = before.flatMap { judged -> EnrolmentDoubt.Rival? in
            judged.entry.similarity >= threshold ? (name, judged.entry.similarity) : nil
          }
          doubts[face] = EnrolmentDoubt(rival: rival, own: own, point)
        }
      }
      return doubts
    }
  }
}
