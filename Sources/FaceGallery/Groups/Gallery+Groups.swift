internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import GraphClustering
internal import VectorIndex

extension Gallery {
  /// The faces without a name, older ones first.
  ///
  /// - Complexity: O(*u*) for *u* such faces.
  public func unnamedFaces() throws(GalleryError) -> [FaceID] {
    try read { snapshot in try snapshot.faces(of: .unnamed) }
  }

  /// Groups the faces without a name, so that each group is probably one person, and keeps the groups in the gallery in
  /// place of those found before. What is ignored is left out, and so are faces that are found together with an ignored group; they are
  /// ignored with it from then on (``ignore(group:)``).
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
      guard self.options.access != .readOnly else { throw GalleryError.notWritable }
      let (all, ignored, threshold) = try session.store.read { snapshot in
        let ids = try snapshot.faces(of: .unnamed)
        var ignored: [FaceID: UInt64?] = [:]
        for face in try snapshot.ignoredFaces() {
          ignored[face] = .some(IgnoreMark.group(try snapshot.tags(of: .face(face))))
        }
        let point = try operatingPoint(snapshot)
        let query = QueryOptions(threshold: options.threshold)
        return (
          ids, ignored,
          try self.threshold(
            query, point, faces: max(ids.count, 1),
            rate: (point ?? .uncalibrated).falseNeighborRate)
        )
      }
      // Whoever belongs to an ignored group is known by its faces; a face that was ignored by itself says nothing of others.
      let ids = all.filter { ignored[$0] != .some(nil) }
      let graph = try neighborGraph(of: ids, above: threshold, options, session, progress)
      var members: [Int32: [FaceID]] = [:]
      for (node, label) in ChineseWhispers(graph).labels().enumerated() {
        members[label, default: []].append(ids[node])
      }
      var groups: [[FaceID]] = []
      var followers: [(group: UInt64, faces: [FaceID])] = []
      for faces in members.values {
        let strangers = faces.compactMap { ignored[$0] ?? nil }
        let rest = faces.filter { ignored[$0] == nil }
        if let group = strangers.min(), strangers.count * Self.ignoringShare >= faces.count {
          followers.append((group, rest))
        } else if rest.count >= options.minimumFaces {
          groups.append(rest)
        }
      }
      let ignoredCount = try session.store.write { [groups, followers] writer in
        try writer.setGroups(groups)
        try writer.forgetGroupsOfRemoved()
        for (group, faces) in followers {
          try writer.ignore(
            try faces.filter { try writer.faceRecord($0)?.person == .unnamed }, with: group)
        }
        return try writer.ignoredFaces().count { try writer.faceRecord($0)?.person == .unnamed }
      }
      return Clustering(
        groups: try storedGroups(session), faces: all.count, threshold: threshold, ignored: ignoredCount)
    }
  }

  /// The groups that ``cluster(options:progress:)`` found last, largest first, without the faces that were removed, ignored or
  /// got a name since.
  public func groups() throws(GalleryError) -> [FaceGroup] {
    try perform { session in try storedGroups(session) }
  }

  /// A page of ``groups()``.
  ///
  /// - Parameters:
  ///   - position: The page begins after this position, ``GroupPage/next`` of the page before; nil begins at the largest group.
  ///   - minimumFaces: Smaller groups are left out, and not counted.
  ///   - limit: At most so many groups are on the page.
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative limit.
  /// - Complexity: O(*u*) for *u* faces in groups; the vectors of the page's faces are read.
  public func groups(
    after position: GroupPage.Position? = nil, minimumFaces: Int = 1, limit: Int
  ) throws(GalleryError) -> GroupPage {
    guard limit >= 0 else { throw GalleryError(.invalidArgument, "A page of groups has 0 groups or more.") }
    return try read { snapshot in
      let groups = try snapshot.openGroups().filter { $0.value.count >= minimumFaces }
      let places = groups.map { GroupPage.Position(faces: $0.value.count, group: $0.key) }.sorted()
      let rest = position.map { position in places.drop { $0 <= position } } ?? places[...]
      let page = rest.prefix(limit)
      return GroupPage(
        total: places.count,
        groups: try page.map { try Self.group($0.group, groups[$0.group] ?? [], snapshot) },
        next: page.count < rest.count ? page.last : nil)
    }
  }

  /// The group of a number, of those that ``groups()`` returns; nil when there is none.
  public func group(_ id: UInt64) throws(GalleryError) -> FaceGroup? {
    try read { snapshot in
      try snapshot.openGroups()[id].map { try Self.group(id, $0, snapshot) }
    }
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
    let move = try give(group: group, to: .named(name), except: excluded)
    guard let person = move.person else { throw GalleryError.damaged("a group got no name") }
    return person
  }

  /// Gives all faces of a group to somebody.
  ///
  /// It is undone by moving them to nobody, as a group of the same number (``move(_:to:)``).
  ///
  /// - Parameters:
  ///   - group: The number of the group, of those that ``groups()`` returns.
  ///   - receiver: The person.
  ///   - excluded: Faces of the group that are not this person's; they stay without a name.
  /// - Throws: As ``name(group:as:except:)``, and `noSuchPerson`.
  @discardableResult
  public func give(
    group: UInt64, to receiver: FaceReceiver, except excluded: Set<FaceID> = []
  ) throws(GalleryError) -> FaceMove {
    var name: PersonName?
    if case .named(let text) = receiver { name = try PersonName(text) }
    return try write { [name] writer in
      guard let members = try writer.openGroups()[group] else { throw Self.noSuchGroup(group) }
      if let stranger = excluded.subtracting(members).min() {
        throw GalleryError(.invalidArgument, "Face \(stranger) is not in group \(group).")
      }
      let faces = members.filter { !excluded.contains($0) }
      guard !faces.isEmpty else {
        throw GalleryError(.invalidArgument, "Every face of group \(group) is left out; name some of them.")
      }
      return try writer.move(faces, to: receiver, name)
    }
  }

  static func noSuchGroup(_ id: UInt64) -> GalleryError {
    GalleryError(.noSuchGroup, "There is no group \(id) in the gallery.")
  }

  private func storedGroups(_ session: Session) throws -> [FaceGroup] {
    try session.store.read { snapshot in
      let groups = try snapshot.openGroups().map { try Self.group($0, $1, snapshot) }
      return groups.sorted {
        $0.faces.count != $1.faces.count ? $0.faces.count > $1.faces.count : $0.id < $1.id
      }
    }
  }

  /// A group with its faces in the order in which they are typical.
  private static func group(
    _ id: UInt64, _ members: [FaceID], _ snapshot: borrowing Snapshot
  ) throws -> FaceGroup {
    let vectors = try members.map { try snapshot.vector(of: $0) ?? [] }
    let mean = mean(of: vectors)
    let typical = zip(members, vectors)
      .map { (face: $0, similarity: zip($1, mean).reduce(Float(0)) { $0 + $1.0 * $1.1 }) }
      .sorted { $0.similarity != $1.similarity ? $0.similarity > $1.similarity : $0.face < $1.face }
    return FaceGroup(id: id, faces: typical.map(\.face))
  }

  private static func mean(of vectors: [[Float]]) -> [Float] {
    guard var sum = vectors.first else { return [] }
    for vector in vectors.dropFirst() where vector.count == sum.count {
      for component in sum.indices { sum[component] += vector[component] }
    }
    return sum.map { $0 / Float(vectors.count) }
  }

  /// Faces that are found together are an ignored group's when one in so many of them was ignored with one: not when a single wrong face was
  /// among those.
  private static let ignoringShare = 10

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
