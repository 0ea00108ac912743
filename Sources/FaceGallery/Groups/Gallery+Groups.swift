internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import VectorIndex

extension Gallery {
  /// The faces without a name, older ones first.
  ///
  /// - Complexity: O(*u*) for *u* such faces.
  public func unnamedFaces() throws(GalleryError) -> [FaceID] {
    try read { snapshot in try snapshot.faces(of: .unnamed) }
  }

  /// Removes every face without a name, and says how many there were.
  @discardableResult
  public func removeUnnamed() throws(GalleryError) -> Int {
    try removing(faces: { try $0.faces(of: .unnamed) }) { writer in
      let faces = try writer.faces(of: .unnamed)
      for face in faces { try writer.remove(face) }
      return faces.count
    }
  }

  /// Groups the faces without a name, so that each group is probably one person, and keeps the groups in the gallery in
  /// place of those found before.
  ///
  /// Each face is compared with its nearest ones through the index, and groups are found in that graph by Chinese
  /// whispers. The same gallery, index and options give the same groups.
  ///
  /// - Parameters:
  ///   - options: When faces are neighbours, and which groups are kept.
  ///   - progress: Called with the number of faces compared and of all.
  /// - Throws: ``GalleryError``: `invalidArgument`, `readOnly`, `thresholdNeeded` when no threshold is given and the
  ///   gallery has no operating point.
  /// - Complexity: About O(*u* log *n*) for *u* such faces of *n*.
  public func cluster(
    options: ClusteringOptions = ClusteringOptions(), progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> Clustering {
    guard ClusteringOptions.neighborRange.contains(options.neighbors) else {
      let range = ClusteringOptions.neighborRange
      throw GalleryError(
        .invalidArgument,
        "A face is compared with \(range.lowerBound) to \(range.upperBound) others, not \(options.neighbors)."
      )
    }
    return try perform { session in
      guard session.saver.canSave else { throw GalleryError.notWritable }
      let (ids, threshold) = try session.store.read { snapshot in
        let ids = try snapshot.faces(of: .unnamed)
        let point = try operatingPoint(snapshot)
        let query = QueryOptions(threshold: options.threshold)
        return (
          ids,
          try self.threshold(query, point, faces: max(ids.count, 1), rate: Self.falseNeighborRate)
        )
      }
      let graph = try neighborGraph(of: ids, above: threshold, options, session, progress)
      var members: [Int32: [FaceID]] = [:]
      for (node, label) in ChineseWhispers(graph).labels().enumerated() {
        members[label, default: []].append(ids[node])
      }
      let groups = members.values.filter { $0.count >= options.minimumFaces }
      try session.store.write { try $0.setGroups(Array(groups)) }
      return Clustering(groups: try storedGroups(session), faces: ids.count, threshold: threshold)
    }
  }

  /// The groups that ``cluster(options:progress:)`` found last, largest first, without the faces that were removed or
  /// got a name since.
  public func groups() throws(GalleryError) -> [FaceGroup] {
    try perform { session in try storedGroups(session) }
  }

  /// Says whom of the people a group is most like, by the mean of its faces.
  ///
  /// - Throws: ``GalleryError``: `noSuchGroup`, and as ``query(_:options:)``.
  public func query(
    _ group: FaceGroup, options: QueryOptions = QueryOptions(k: 1)
  ) throws(GalleryError) -> Answer {
    let mean = try read { snapshot -> [Float] in
      Self.mean(of: try group.faces.compactMap { try snapshot.vector(of: $0) })
    }
    guard !mean.isEmpty else { throw Self.noSuchGroup(group.id) }
    return try query(GalleryError.wrapping { try Embedding(normalizing: mean) }, options: options)
  }

  /// Gives all faces of a group to a person, who is made when nobody has the name.
  ///
  /// - Parameters:
  ///   - group: The number of the group, of those that ``groups()`` returns.
  ///   - name: The person's name.
  ///   - excluded: Faces of the group that are not this person's; they stay without a name.
  /// - Returns: The person, with these faces.
  /// - Throws: ``GalleryError``: `noSuchGroup`, `invalidName`, `invalidArgument` when nothing is left of the group or an
  ///   excluded face is not in it.
  @discardableResult
  public func name(
    group: UInt64, as name: String, except excluded: Set<FaceID> = []
  ) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    return try write { writer in
      guard let members = try writer.groups()[group] else { throw Self.noSuchGroup(group) }
      if let stranger = excluded.subtracting(members).min() {
        throw GalleryError(.invalidArgument, "Face \(stranger) is not in group \(group).")
      }
      let faces = members.filter { !excluded.contains($0) }
      guard !faces.isEmpty else {
        throw GalleryError(.invalidArgument, "Every face of group \(group) is left out; name some of them.")
      }
      let person = try writer.person(named: name) ?? writer.insert(name)
      for face in faces { try writer.move(face, to: person) }
      return try writer.existing(person)
    }
  }

  private static func noSuchGroup(_ id: UInt64) -> GalleryError {
    GalleryError(
      .noSuchGroup, "There is no group \(id) in the gallery; look at the groups that were found last.")
  }

  private func storedGroups(_ session: Session) throws -> [FaceGroup] {
    try session.store.read { snapshot in
      var groups: [FaceGroup] = []
      for (id, members) in try snapshot.groups() {
        let vectors = try members.map { try snapshot.vector(of: $0) ?? [] }
        let mean = Self.mean(of: vectors)
        let typical = zip(members, vectors)
          .map { (face: $0, similarity: zip($1, mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }) }
          .sorted { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.face < $1.face }
        groups.append(FaceGroup(id: id, faces: typical.map(\.face)))
      }
      return groups.sorted {
        $0.faces.count != $1.faces.count ? $0.faces.count > $1.faces.count : $0.id < $1.id
      }
    }
  }

  private static func mean(of vectors: [[Float]]) -> [Float] {
    guard var sum = vectors.first else { return [] }
    for vector in vectors.dropFirst() where vector.count == sum.count {
      for component in sum.indices { sum[component] += vector[component] }
    }
    return sum.map { $0 / Float(vectors.count) }
  }

  /// The share of faces that may have a stranger among their neighbours: measured to balance purity and completeness
  /// (docs/accuracy.md).
  private static let falseNeighborRate = 0.2

  /// Faces compared between two reports of progress.
  private static let blockLength = 1_024

  private func neighborGraph(
    of ids: [FaceID], above threshold: Float, _ options: ClusteringOptions, _ session: Session,
    _ progress: ((Int, Int) -> Void)?
  ) throws -> NeighborGraph {
    try session.keeper.catchUp()
    try session.saver.saveIfWorthwhile()
    var edges: [(a: Int32, b: Int32, weight: Float)] = []
    guard let index = session.keeper.view?.index, !ids.isEmpty else {
      return NeighborGraph(count: ids.count, edges: edges)
    }
    let nodes = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1.rawValue, Int32($0)) })
    var search = SearchOptions()
    if index.count > ids.count { search.filter = { nodes[$0] != nil } }
    for start in stride(from: 0, to: ids.count, by: Self.blockLength) {
      let block = Array(ids[start..<min(start + Self.blockLength, ids.count)])
      let (rows, present) = try session.store.read { snapshot in
        var rows: [Float] = []
        var present: [FaceID] = []
        for id in block {
          // A face that was removed meanwhile has none.
          guard let vector = try snapshot.vector(of: id) else { continue }
          rows += vector
          present.append(id)
        }
        return (rows, present)
      }
      let results = try index.search(
        batch: rows, k: options.neighbors + 1, options: search,
        threads: ProcessInfo.processInfo.activeProcessorCount)
      for (id, result) in zip(present, results) {
        guard let node = nodes[id.rawValue] else { continue }
        for neighbor in result.neighbors where neighbor.score >= threshold {
          guard let other = nodes[neighbor.key], other != node else { continue }
          edges.append((node, other, neighbor.score))
        }
      }
      progress?(start + block.count, ids.count)
    }
    return NeighborGraph(count: ids.count, edges: edges)
  }
}
