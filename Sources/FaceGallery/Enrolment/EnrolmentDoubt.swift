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
        let person = try snapshot.person(named: name)
        let point = try operatingPoint(snapshot)
        var doubts: [EnrolmentDoubt] = []
        for (embedding, answer) in zip(embeddings, answers) {
          let judge = PersonJudge(query: embedding.values, filter: nil, asksAhead: session.keeper.isOnDisk)
          let own = try person.flatMap {
            try judge.judge($0, count: QueryOptions.standardFaces, snapshot)
          }
          let similarity = own.map { min(max($0.entry.similarity, -1), 1) }
          if answer.verdict.isKnown, let best = answer.candidates.first, best.person != person,
            best.similarity > similarity ?? -1
          {
            doubts.append(.closer(to: best.name, similarity: best.similarity, own: similarity))
          } else if let own, let similarity, let floor = point?.floor(faces: own.faces), similarity < floor {
            doubts.append(.unlike(similarity: similarity, faces: own.faces))
          }
        }
        return doubts
      }
    }
  }
}
