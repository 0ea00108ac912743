public import GalleryStore

/// A face that is not asked about any more.
public struct IgnoredFace: Sendable, Hashable, Identifiable {
  /// The face.
  public let id: FaceID
  /// The group with which it was ignored; nil for a face that was ignored by itself.
  public let group: UInt64?
}

/// Some of the faces that are ignored, older ones first.
public struct IgnoredPage: Sendable, Hashable {
  /// How many there are altogether, or of the group.
  public let total: Int
  /// Those of the page.
  public let faces: [IgnoredFace]
}

/// The tag that a face has which is not asked about any more: empty, or the number of the group with which it was ignored.
///
/// Whoever takes the tag away undoes it.
enum IgnoreMark {
  static let key = "ignored"

  static func group(_ tags: [String: String]) -> UInt64? {
    tags.first { NameKey(of: $0.key) == NameKey(of: key) }.flatMap { UInt64($0.value) }
  }
}

extension Gallery {
  /// A page of the faces that are not asked about any more.
  ///
  /// - Parameters:
  ///   - group: Only those that were ignored with this group; nil is all.
  ///   - face: The page begins after this face.
  ///   - limit: At most so many faces are on the page.
  /// - Throws: ``GalleryError``: `invalidArgument` for a negative limit.
  /// - Complexity: O(*i* log *n*) for *i* faces that are ignored.
  public func ignoredFaces(
    of group: UInt64? = nil, after face: FaceID? = nil, limit: Int = .max
  ) throws(GalleryError) -> IgnoredPage {
    guard limit >= 0 else { throw GalleryError(.invalidArgument, "A page of faces has 0 faces or more.") }
    return try read { snapshot in
      let all = try snapshot.ignoredFaces(of: group)
      let start = face.map { face in all.firstIndex { $0 > face } ?? all.endIndex } ?? 0
      return IgnoredPage(
        total: all.count,
        faces: try all[start...].prefix(limit).map {
          IgnoredFace(id: $0, group: IgnoreMark.group(try snapshot.tags(of: .face($0))))
        })
    }
  }

  /// Asks about these faces no more: groups and reviews leave them out. A face stays whose it is; one without a name may be left out of
  /// its group by this. One that is ignored with a group stays so.
  ///
  /// - Returns: Those that were not ignored before, older ones first.
  /// - Throws: ``GalleryError`` with code `noSuchFace`; then nothing has changed.
  @discardableResult
  public func ignore(_ faces: some Sequence<FaceID>) throws(GalleryError) -> [FaceID] {
    let faces = Set(faces).sorted()
    return try write { writer in
      let ignored = Set(try writer.ignoredFaces())
      let new = faces.filter { !ignored.contains($0) }
      for face in faces where try !writer.contains(face) { throw GalleryError.noSuchFace(face) }
      try writer.ignore(new, with: nil)
      return new
    }
  }

  /// Asks about a group no more, nor about faces without a name that ``cluster(options:progress:)`` finds to be the same person's later.
  ///
  /// - Returns: Its faces, older ones first.
  /// - Throws: ``GalleryError`` with code `noSuchGroup`.
  @discardableResult
  public func ignore(group: UInt64) throws(GalleryError) -> [FaceID] {
    try write { writer in
      guard let faces = try writer.openGroups()[group] else { throw Self.noSuchGroup(group) }
      try writer.ignore(faces, with: group)
      return faces
    }
  }

  /// Undoes ``ignore(_:)``: these faces are asked about again. A face without a name is back in its group, if groups were not found anew
  /// since.
  ///
  /// - Returns: Those that were ignored before, older ones first.
  /// - Throws: ``GalleryError`` with code `noSuchFace`; then nothing has changed.
  @discardableResult
  public func stopIgnoring(_ faces: some Sequence<FaceID>) throws(GalleryError) -> [FaceID] {
    let faces = Set(faces).sorted()
    return try write { writer in
      for face in faces where try !writer.contains(face) { throw GalleryError.noSuchFace(face) }
      return try writer.stopIgnoring(faces)
    }
  }

  /// Undoes ``ignore(group:)``, also for faces that were left out for it since. The group is back; if groups were found anew since, as one of
  /// all these faces.
  ///
  /// - Returns: Its faces, older ones first.
  /// - Throws: ``GalleryError`` with code `noSuchGroup` when no face is ignored with it.
  @discardableResult
  public func stopIgnoring(group: UInt64) throws(GalleryError) -> [FaceID] {
    try write { writer in
      let faces = try writer.ignoredFaces(of: group)
      guard !faces.isEmpty else {
        throw GalleryError(.noSuchGroup, "No face is ignored with a group \(group); see which faces are.")
      }
      for face in try writer.stopIgnoring(faces) where try writer.storedRecord(face).person == .unnamed {
        try writer.setGroup(group, of: face)
      }
      return faces
    }
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The faces that are not asked about any more, or those of them that were ignored with a group; older ones first.
  func ignoredFaces(of group: UInt64? = nil) throws -> [FaceID] {
    try faces(tagged: IgnoreMark.key, group.map { String($0) })
  }

  /// The groups without the faces that are ignored.
  func openGroups() throws -> [UInt64: [FaceID]] {
    let ignored = Set(try ignoredFaces())
    let groups = try groups()
    if ignored.isEmpty { return groups }
    return groups.mapValues { $0.filter { !ignored.contains($0) } }.filter { !$0.value.isEmpty }
  }
}

extension StoreWriter where Self: ~Copyable {
  /// Marks faces that are there.
  func ignore(_ faces: [FaceID], with group: UInt64?) throws {
    for face in faces {
      try tag(.face(face), [IgnoreMark.key: group.map { String($0) } ?? ""])
      try noteTags(of: try storedRecord(face).person)
    }
  }

  /// Takes the marks of faces away that are there, and says of which.
  func stopIgnoring(_ faces: [FaceID]) throws -> [FaceID] {
    let ignored = Set(try ignoredFaces())
    let marked = faces.filter(ignored.contains)
    for face in marked {
      try tag(.face(face), [IgnoreMark.key: nil])
      try noteTags(of: try storedRecord(face).person)
    }
    return marked
  }
}
