internal import GalleryStore

/// Judges people by several of their faces; see ``QueryOptions/Rule``.
struct PersonJudge {
  /// Of so many times the faces that count, the most similar ones are looked through for such that are no near-duplicates.
  private static let widening = 4

  /// Of more faces of a person, so many are looked at, evenly spread, besides the most similar one.
  private static let maximumFaces = 256

  let query: [Float]
  /// The faces that count; nil is all.
  let filter: FaceFilter?
  /// Whether the store's pages are prefetched, many at a time.
  let prefetches: Bool
  /// Faces of a person that are at least so similar to each other are pictures of one moment and count once; nil counts all.
  let nearDuplicate: Float?

  /// How many people have to be found by their best face, so that the best `k` by the mean are among them.
  static func candidates(_ k: Int) -> Int { max(2 * k, k + 10) }

  /// Judges the people of some entries by the mean of their `count` best faces; the best people first.
  func judge(
    _ entries: [TopFaces.Entry], count: Int, _ snapshot: borrowing Snapshot
  ) throws -> [Judged] {
    if prefetches { snapshot.prefetch(.faces(ofPeople: entries.map(\.person))) }
    var faces: [[UInt64]] = []
    for entry in entries { faces.append(try self.faces(of: entry, snapshot)) }
    if prefetches { snapshot.prefetch(.vectors(of: faces.flatMap { $0 })) }
    var judged: [Judged] = []
    for (entry, faces) in zip(entries, faces) {
      judged.append(try judge(entry, by: faces, count: count, snapshot))
    }
    return judged.sorted {
      $0.entry.similarity != $1.entry.similarity
        ? $0.entry.similarity > $1.entry.similarity : $0.entry.face < $1.entry.face
    }
  }

  /// Judges a person by all their faces but one; nil for somebody who has no other.
  func judge(
    _ person: PersonID, without face: FaceID? = nil, count: Int, _ snapshot: borrowing Snapshot
  ) throws -> Judged? {
    let others = evenly(try snapshot.faces(of: person).filter { $0 != face }.map(\.rawValue))
    var best = TopFaces(limit: 1, isGrouping: false)
    // Where several count, the best is found with them.
    for face in others.prefix(count > 1 ? 1 : others.count) {
      best.offer(
        TopFaces.Entry(face: face, person: person.rawValue, similarity: try similarity(to: face, snapshot)))
    }
    guard let entry = best.entries.first else { return nil }
    return try judge(entry, by: others, count: count, snapshot)
  }

  /// A person, and by how many faces they were judged.
  typealias Judged = (entry: TopFaces.Entry, faces: Int)

  /// The faces by which the person of an entry is judged.
  private func faces(
    of entry: TopFaces.Entry, _ snapshot: borrowing Snapshot
  ) throws -> [UInt64] {
    var faces = try snapshot.faces(of: PersonID(rawValue: entry.person)).map(\.rawValue)
    if let filter { faces.removeAll { !filter.contains($0) } }
    if faces.count > Self.maximumFaces {
      faces = evenly(faces)
      if !faces.contains(entry.face) { faces.append(entry.face) }
    }
    return faces
  }

  /// As many of these as are looked at.
  private func evenly(_ faces: [UInt64]) -> [UInt64] {
    guard faces.count > Self.maximumFaces else { return faces }
    return (0..<Self.maximumFaces).map { faces[$0 * faces.count / Self.maximumFaces] }
  }

  private func similarity(to face: UInt64, _ snapshot: borrowing Snapshot) throws -> Float {
    var similarity: Float?
    _ = try snapshot.withVector(of: face) { bytes in
      guard bytes.count == 4 * query.count else { return }
      similarity = query.withUnsafeBufferPointer { CosineSimilarity.dot($0, bytes) }
    }
    guard let similarity else { throw GalleryError.damaged("the vector of face \(face) is missing") }
    return similarity
  }

  private func judge(
    _ entry: TopFaces.Entry, by faces: [UInt64], count: Int, _ snapshot: borrowing Snapshot
  ) throws -> Judged {
    guard faces.count > 1, count > 1 else { return (entry, 1) }
    var best = TopFaces(limit: nearDuplicate == nil ? count : Self.widening * count, isGrouping: false)
    for face in faces {
      let similarity = try similarity(to: face, snapshot)
      best.offer(TopFaces.Entry(face: face, person: entry.person, similarity: similarity))
    }
    var sum = [Float](repeating: 0, count: query.count)
    var similarity: Float = 0
    var counted: [[Float]] = []
    for entry in best.entries where counted.count < count {
      guard let vector = try snapshot.vector(of: FaceID(rawValue: entry.face)) else { continue }
      if let nearDuplicate,
        counted.contains(where: { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } >= nearDuplicate })
      {
        continue
      }
      counted.append(vector)
      for component in sum.indices { sum[component] += vector[component] }
      similarity += entry.similarity
    }
    let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Faces in opposite directions have no mean.
    guard length > 1e-3, let first = best.entries.first else { return (entry, 1) }
    return (
      TopFaces.Entry(face: first.face, person: entry.person, similarity: similarity / length),
      counted.count
    )
  }
}
