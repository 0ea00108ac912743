internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import VectorIndex

extension Gallery {
  /// Looks for pictures that are in the gallery twice, for faces that are closer to another person than to their
  /// own, and for those that are unlike their person's others: wrong names, mostly. A person with one face is not judged.
  ///
  /// Faces that are ignored (``ignore(_:)``) are left out.
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
      var options = options
      let point = try session.store.read { try operatingPoint($0) }
      if options.duplicateSimilarity == nil { options.duplicateSimilarity = point?.nearDuplicate }
      var work = FaceReviewer(
        store: session.store, index: index, options: options, point: point,
        prefetches: session.keeper.isOnDisk)
      let total = try session.store.read { try $0.faceCount() }
      while try work.advance() { progress?(min(work.review.faces, total), total) }
      return try work.finish()
    }
  }
}

extension Gallery {
  /// What is left of entries of a review, in their places: nil where a face was ignored, removed or moved since, or the face that it was
  /// compared with was removed or moved. Of duplicates those are left that are still there.
  ///
  /// - Complexity: O(*d* log *n*) for *d* faces in the entries.
  public func unsettled(_ entries: [FaceReview.Entry]) throws(GalleryError) -> [FaceReview.Entry?] {
    try read { snapshot in
      let ignored = Set(try snapshot.ignoredFaces())
      return try entries.map { entry in
        switch entry {
        case .duplicates(let group):
          let members = try group.members.filter {
            try !ignored.contains($0.face) && snapshot.isThere($0)
          }
          return members.count > 1
            ? .duplicates(.init(members: members, similarity: group.similarity)) : nil
        case .suspicion(let suspicion) where ignored.contains(suspicion.member.face): return nil
        case .outlier(let outlier) where ignored.contains(outlier.member.face): return nil
        case .suspicion, .outlier:
          return try entry.members.allSatisfy { try snapshot.isThere($0) } ? entry : nil
        }
      }
    }
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// Whether a face of a review is still there, and whose it was.
  fileprivate func isThere(_ member: FaceReview.Member) throws -> Bool {
    try faceRecord(member.face)?.person == member.person
  }
}

/// One review: walks over the faces, some thousands at a time.
private struct FaceReviewer {
  private static let batchLength = 4096
  private static let neighbors = 10

  private struct Found {
    let face: UInt64
    let own: Likeness
    let other: Likeness
  }

  private struct Outlier {
    let face: UInt64
    let own: Likeness
    let faces: Int
    let other: Likeness?
  }

  /// Another face, and how similar it or its person is.
  private struct Likeness {
    let face: UInt64
    let similarity: Float
  }

  let store: any Store
  let index: HNSWIndex
  let options: ReviewOptions
  let point: OperatingPoint?
  let prefetches: Bool
  /// Galleries that have none on record were filled by dlib's engine.
  private var duplicate: Float { options.duplicateSimilarity ?? ResNetEngine.nearDuplicate }
  private(set) var review = FaceReview()
  private var last: UInt64 = 0
  private var pairs: [(a: UInt64, b: UInt64, similarity: Float)] = []
  private var suspicious: [Found] = []

  private var outliers: [Outlier] = []

  init(
    store: any Store, index: HNSWIndex, options: ReviewOptions, point: OperatingPoint?, prefetches: Bool
  ) {
    (self.store, self.index, self.options) = (store, index, options)
    (self.point, self.prefetches) = (point, prefetches)
  }

  /// Looks at the next faces; false when there are none.
  mutating func advance() throws -> Bool {
    let (keys, rows) = try store.read(ahead: true) { [last] in
      try $0.vectors(from: last + 1, limit: Self.batchLength)
    }
    guard let end = keys.last else { return false }
    let results = try index.search(
      batch: rows, k: Self.neighbors + 1, threads: ProcessInfo.processInfo.activeProcessorCount)
    let width = rows.count / keys.count
    (pairs, suspicious, outliers) = try store.read { snapshot in
      var (pairs, suspicious, outliers) = (self.pairs, self.suspicious, self.outliers)
      for (place, face) in keys.enumerated() {
        guard let person = try person(of: face, snapshot) else { continue }
        let neighbors = results[place].neighbors.filter { $0.key != face }
        for neighbor in neighbors where neighbor.score >= duplicate && neighbor.key > face {
          pairs.append((face, neighbor.key, neighbor.score))
        }
        let vector = Array(rows[place * width..<(place + 1) * width])
        if let found = try judge(face, person, vector, neighbors, snapshot) {
          suspicious.append(found)
        } else if let outlier = try outlier(face, person, vector, neighbors, snapshot) {
          outliers.append(outlier)
        }
      }
      return (pairs, suspicious, outliers)
    }
    last = end
    review.faces += keys.count
    return true
  }

  private func judge(
    _ face: UInt64, _ person: PersonID, _ vector: [Float], _ neighbors: [Neighbor],
    _ snapshot: borrowing Snapshot
  ) throws -> Found? {
    var own: Likeness?
    // Neighbours come best first.
    for neighbor in neighbors {
      guard let other = try self.person(of: neighbor.key, snapshot) else { continue }
      let likeness = Likeness(face: neighbor.key, similarity: neighbor.score)
      if other == person {
        own = own ?? likeness
        continue
      }
      if own == nil { own = try nearestOwn(face, person, vector, snapshot) }
      guard let own, likeness.similarity > own.similarity + options.margin else { return nil }
      return Found(face: face, own: own, other: likeness)
    }
    return nil
  }

  /// The face, if it is unlike the others of its person.
  private func outlier(
    _ face: UInt64, _ person: PersonID, _ vector: [Float], _ neighbors: [Neighbor],
    _ snapshot: borrowing Snapshot
  ) throws -> Outlier? {
    guard let point, let highest = point.floors.max() else { return nil }
    var other: Likeness?
    for neighbor in neighbors {
      guard let owner = try self.person(of: neighbor.key, snapshot) else { continue }
      if owner != person {
        other = other ?? Likeness(face: neighbor.key, similarity: neighbor.score)
      } else if neighbor.score >= highest {
        // The mean of several is hardly less like the face than the best of them: most faces need no further look.
        return nil
      }
    }
    let judge = PersonJudge(
      query: vector, filter: nil, prefetches: prefetches, nearDuplicate: point.nearDuplicate)
    guard
      let own = try judge.judge(
        person, without: FaceID(rawValue: face), count: QueryOptions.standardFaces, snapshot),
      let floor = point.floor(faces: own.faces), own.entry.similarity < floor
    else { return nil }
    return Outlier(
      face: face, own: Likeness(face: own.entry.face, similarity: own.entry.similarity), faces: own.faces,
      other: other)
  }

  /// The most similar other face of the person; nil when there is none.
  private func nearestOwn(
    _ face: UInt64, _ person: PersonID, _ vector: [Float], _ snapshot: borrowing Snapshot
  ) throws -> Likeness? {
    var nearest: Likeness?
    for sibling in try snapshot.faces(of: person) where sibling.rawValue != face {
      var similarity: Float?
      _ = try snapshot.withVector(of: sibling.rawValue) { bytes in
        guard bytes.count == 4 * vector.count else { return }
        similarity = vector.withUnsafeBufferPointer { CosineSimilarity.dot($0, bytes) }
      }
      if let similarity, similarity > nearest?.similarity ?? -.infinity {
        nearest = Likeness(face: sibling.rawValue, similarity: similarity)
      }
    }
    return nearest
  }

  private func person(of face: UInt64, _ snapshot: borrowing Snapshot) throws -> PersonID? {
    guard let person = try snapshot.faceRecord(FaceID(rawValue: face))?.person, person != .unnamed
    else {
      return nil
    }
    return person
  }

  /// The review, with names; faces that are ignored, or were removed meanwhile, are left out.
  func finish() throws -> FaceReview {
    try store.read { snapshot in
      var review = review
      let ignored = Set(try snapshot.ignoredFaces().map(\.rawValue))
      for group in groups() {
        let members = try group.faces.sorted().filter { !ignored.contains($0) }
          .compactMap { try member($0, snapshot) }
        guard members.count > 1 else { continue }
        review.duplicates.append(.init(members: members, similarity: group.similarity))
      }
      review.duplicates.sort { a, b in
        a.isOfSeveralPeople != b.isOfSeveralPeople
          ? a.isOfSeveralPeople : a.members[0].face < b.members[0].face
      }
      func excess(_ found: Found) -> Float { found.other.similarity - found.own.similarity }
      for found in suspicious.sorted(by: { excess($0) > excess($1) }) {
        guard !ignored.contains(found.face), let face = try member(found.face, snapshot),
          let own = try member(found.own.face, snapshot),
          let other = try member(found.other.face, snapshot)
        else { continue }
        review.suspicious.append(
          .init(
            member: face, own: own, ownSimilarity: min(found.own.similarity, 1), other: other,
            otherSimilarity: min(found.other.similarity, 1)))
      }
      for found in outliers.sorted(by: { $0.own.similarity < $1.own.similarity }) {
        guard !ignored.contains(found.face), let face = try member(found.face, snapshot),
          let own = try member(found.own.face, snapshot)
        else { continue }
        let other = try found.other.flatMap { try member($0.face, snapshot) }
        review.outliers.append(
          .init(
            member: face, similarity: max(found.own.similarity, -1), faces: found.faces, own: own,
            other: other, otherSimilarity: other.flatMap { _ in found.other.map { max($0.similarity, -1) } }))
      }
      return review
    }
  }

  private func member(
    _ face: UInt64, _ snapshot: borrowing Snapshot
  ) throws -> FaceReview.Member? {
    guard let record = try snapshot.faceRecord(FaceID(rawValue: face)),
      let person = try snapshot.personRecord(record.person)
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

/// Which numbers belong together, learnt pair by pair (union-find with path halving).
private struct DisjointSets {
  private var parent: [UInt64: UInt64] = [:]

  /// The least number of the set that a number is in.
  mutating func representative(of number: UInt64) -> UInt64 {
    var number = number
    while let next = parent[number] {
      if let further = parent[next] { parent[number] = further }
      number = next
    }
    return number
  }

  mutating func join(_ a: UInt64, _ b: UInt64) {
    let (a, b) = (representative(of: a), representative(of: b))
    if a != b { parent[max(a, b)] = min(a, b) }
  }
}
