internal import Foundation
internal import LMDB
internal import VectorIndex

extension Gallery {
  /// Looks for pictures that are in the gallery twice, and for faces that are closer to another person than to their
  /// own: wrong names, mostly. A person with one face is not judged.
  ///
  /// Neighbours are found through the graph of the index, not by comparing all pairs; changes that are made meanwhile
  /// may be missed.
  ///
  /// - Parameters:
  ///   - options: What is remarkable.
  ///   - progress: Called with the number of faces done and of all.
  /// - Complexity: O(*n* log *n*), on all cores.
  public func reviewFaces(
    _ options: ReviewOptions = ReviewOptions(), progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> FaceReview {
    try perform { session in
      try session.keeper.catchUp()
      guard let index = session.keeper.view?.index else { return FaceReview() }
      var work = FaceReviewer(store: session.store, index: index, options: options)
      let total = try session.store.environment.read { try $0.count(of: session.store.tables.vectors) }
      while try work.advance() { progress?(min(work.review.faces, total), total) }
      return try work.finish()
    }
  }
}

/// One review: walks over the faces, some thousands at a time.
private struct FaceReviewer {
  private static let batchLength = 4096
  private static let neighbors = 10

  private struct Found {
    let face: UInt64
    let own: Float
    let other: UInt64
    let similarity: Float
  }

  let store: Store
  let index: HNSWIndex
  let options: ReviewOptions
  private(set) var review = FaceReview()
  private var last: UInt64 = 0
  private var pairs: [(a: UInt64, b: UInt64, similarity: Float)] = []
  private var suspicious: [Found] = []

  init(store: Store, index: HNSWIndex, options: ReviewOptions) {
    (self.store, self.index, self.options) = (store, index, options)
  }

  /// Looks at the next faces; false when there are none.
  mutating func advance() throws -> Bool {
    let (keys, rows) = try store.environment.read(ahead: true) { [last] transaction in
      var (keys, rows): ([UInt64], [Float]) = ([], [])
      try transaction.scan(store.tables.vectors, from: last + 1) { face, bytes in
        keys.append(face)
        rows += VectorBytes.decode(bytes)
        return keys.count < Self.batchLength
      }
      return (keys, rows)
    }
    guard let end = keys.last else { return false }
    let results = try index.search(
      batch: rows, k: Self.neighbors + 1, threads: ProcessInfo.processInfo.activeProcessorCount)
    let width = rows.count / keys.count
    let (pairs, suspicious) = try store.environment.read { transaction in
      var pairs = self.pairs
      var suspicious = self.suspicious
      for (place, face) in keys.enumerated() {
        guard let person = try person(of: face, transaction) else { continue }
        let neighbors = results[place].neighbors.filter { $0.key != face }
        for neighbor in neighbors where neighbor.score >= options.duplicateSimilarity && neighbor.key > face {
          pairs.append((face, neighbor.key, neighbor.score))
        }
        let vector = Array(rows[place * width..<(place + 1) * width])
        if let found = try judge(face, person, vector, neighbors, transaction) { suspicious.append(found) }
      }
      return (pairs, suspicious)
    }
    (self.pairs, self.suspicious) = (pairs, suspicious)
    last = end
    review.faces += keys.count
    return true
  }

  private func judge(
    _ face: UInt64, _ person: PersonID, _ vector: [Float], _ neighbors: [Neighbor],
    _ transaction: borrowing ReadTransaction
  ) throws -> Found? {
    var own: Float?
    for neighbor in neighbors {
      guard let other = try self.person(of: neighbor.key, transaction) else { continue }
      if other == person {
        own = max(own ?? -1, neighbor.score)
        continue
      }
      // Neighbours come best first: this is the nearest face of anybody else.
      if own == nil { own = try nearestOwn(face, person, vector, transaction) }
      guard let own, neighbor.score > own + options.margin else { return nil }
      return Found(face: face, own: own, other: neighbor.key, similarity: neighbor.score)
    }
    return nil
  }

  /// The greatest similarity to another face of the person; nil when there is none.
  private func nearestOwn(
    _ face: UInt64, _ person: PersonID, _ vector: [Float], _ transaction: borrowing ReadTransaction
  ) throws -> Float? {
    var nearest: Float?
    for sibling in try store.faces(of: person, transaction) where sibling.rawValue != face {
      let similarity = try transaction.withBytes(for: sibling.rawValue, in: store.tables.vectors) {
        bytes -> Float? in
        guard let bytes, bytes.byteCount == 4 * vector.count else { return nil }
        return vector.withUnsafeBufferPointer { VectorBytes.dot($0, bytes) }
      }
      if let similarity { nearest = max(nearest ?? -1, similarity) }
    }
    return nearest
  }

  private func person(of face: UInt64, _ transaction: borrowing ReadTransaction) throws -> PersonID? {
    guard let person = try store.faceRecord(FaceID(rawValue: face), transaction)?.person, person != .unnamed
    else {
      return nil
    }
    return person
  }

  /// The review, with names; faces that were removed meanwhile are left out.
  func finish() throws -> FaceReview {
    try store.environment.read { transaction in
      var review = review
      for group in groups() {
        let members = try group.faces.sorted().compactMap { try member($0, transaction) }
        guard members.count > 1 else { continue }
        review.duplicates.append(.init(members: members, similarity: group.similarity))
      }
      review.duplicates.sort { a, b in
        a.isOfSeveralPeople != b.isOfSeveralPeople
          ? a.isOfSeveralPeople : a.members[0].face < b.members[0].face
      }
      for found in suspicious.sorted(by: { $0.similarity - $0.own > $1.similarity - $1.own }) {
        guard let face = try member(found.face, transaction), let other = try member(found.other, transaction)
        else { continue }
        review.suspicious.append(
          .init(
            member: face, ownSimilarity: min(found.own, 1), other: other,
            otherSimilarity: min(found.similarity, 1)))
      }
      return review
    }
  }

  private func member(
    _ face: UInt64, _ transaction: borrowing ReadTransaction
  ) throws -> FaceReview.Member? {
    guard let record = try store.faceRecord(FaceID(rawValue: face), transaction),
      let person = try store.personRecord(record.person, transaction)
    else { return nil }
    return FaceReview.Member(
      face: FaceID(rawValue: face), person: record.person, name: person.name, path: record.path)
  }

  /// Faces that are linked by pairs.
  private func groups() -> [(faces: [UInt64], similarity: Float)] {
    var sets = DisjointSets()
    for pair in pairs { sets.join(pair.a, pair.b) }
    var groups: [UInt64: (faces: Set<UInt64>, similarity: Float)] = [:]
    for pair in pairs {
      let key = sets.representative(of: pair.a)
      var group = groups[key] ?? ([], 1)
      group.faces.formUnion([pair.a, pair.b])
      group.similarity = min(group.similarity, pair.similarity)
      groups[key] = group
    }
    return groups.values.map { (Array($0.faces), $0.similarity) }
  }
}
