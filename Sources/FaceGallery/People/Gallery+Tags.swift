internal import GalleryStore

extension Gallery {
  /// What a person is tagged with; values may be empty.
  ///
  /// - Throws: ``GalleryError``: `noSuchPerson`.
  public func tags(of person: PersonID) throws(GalleryError) -> [String: String] {
    try read { snapshot in
      guard try snapshot.contains(person) else { throw GalleryError.noSuchPerson(person) }
      return try snapshot.tags(of: .person(person))
    }
  }

  /// What a face is tagged with itself.
  ///
  /// - Throws: ``GalleryError``: `noSuchFace`.
  public func tags(of face: FaceID) throws(GalleryError) -> [String: String] {
    try read { snapshot in
      guard try snapshot.contains(face) else { throw GalleryError.noSuchFace(face) }
      return try snapshot.tags(of: .face(face))
    }
  }

  /// The conditions that no face meets, such as one with a key that is misspelt.
  ///
  /// - Complexity: O(*f* log *n*) for *f* faces that meet one of them.
  public func unmet(_ conditions: [TagCondition]) throws(GalleryError) -> [TagCondition] {
    try read { snapshot in try conditions.filter { try snapshot.faces(matching: [$0]).count == 0 } }
  }

  /// Tags a person, for queries with ``QueryOptions/conditions``; what is tagged with other keys stays.
  ///
  /// - Parameters:
  ///   - values: A value for each key, empty for a plain tag; nil takes the tag away. Keys take up to 100 bytes of UTF-8
  ///     and have no `=`, values up to 400; both are trimmed and normalised to Unicode form C. Keys are compared as names are
  ///     (``person(named:)``); a tag that is there keeps its key as it was first written. One change takes up to 1,000 of them, and
  ///     nobody gets more than 1,000 tags; who has more from before keeps them.
  ///   - person: Who is tagged.
  /// - Returns: Everything that the person is tagged with then.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `invalidArgument`.
  @discardableResult
  public func tag(
    _ person: some PersonReference, _ values: [String: String?]
  ) throws(GalleryError) -> [String: String] {
    let entries = try TagEntry.all(values, most: TagEntry.mostOfOwner)
    return try write { writer in
      let person = try writer.verified(person)
      try writer.tag(.person(person), entries, most: TagEntry.mostOfOwner)
      try writer.noteTags(of: person)
      return try writer.tags(of: .person(person))
    }
  }

  /// Tags a face; otherwise as for a person.
  ///
  /// - Throws: ``GalleryError``: `noSuchFace`, `invalidArgument`.
  @discardableResult
  public func tag(_ face: FaceID, _ values: [String: String?]) throws(GalleryError) -> [String: String] {
    let entries = try TagEntry.all(values, most: TagEntry.mostOfOwner)
    return try write { writer in
      guard let record = try writer.faceRecord(face) else { throw GalleryError.noSuchFace(face) }
      try writer.tag(.face(face), entries, most: TagEntry.mostOfOwner)
      try writer.noteTags(of: record.person)
      return try writer.tags(of: .face(face))
    }
  }

  /// Moves some faces of a person to a new one.
  ///
  /// - Parameters:
  ///   - faces: The faces, at least one; all must be of `person`.
  ///   - person: Whose faces they are; stays, also when none is left.
  ///   - name: The new person's name.
  /// - Returns: The new person.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `noSuchFace` for a face that is not there or of another person,
  ///   `nameTaken`, `invalidName`, `invalidArgument` for no faces. Then nothing has changed.
  /// - Complexity: O(*f* log *n*) for *f* faces; the index is not touched.
  @discardableResult
  public func split(
    _ faces: [FaceID], of person: some PersonReference, into name: String
  ) throws(GalleryError) -> Person {
    let name = try PersonName(name)
    guard !faces.isEmpty else {
      throw GalleryError(.invalidArgument, "No face was named; say which faces go to “\(name.text)”.")
    }
    return try write { writer in
      let person = try writer.verified(person)
      if let other = try writer.person(named: name) {
        throw GalleryError(
          .nameTaken,
          "Person \(other) is called “\(name.text)” already; choose another name.")
      }
      let target = try writer.insert(name)
      for face in Set(faces).sorted() {
        guard try writer.faceRecord(face)?.person == person else {
          throw try writer.notOne(face, of: person)
        }
        try writer.move(face, to: target)
      }
      return try writer.existing(target)
    }
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The error for a face that is somebody else's than a person's, or is not there.
  func notOne(_ face: FaceID, of person: PersonID) throws -> GalleryError {
    GalleryError(.noSuchFace, "Face \(face) is not \(try existing(person).name)'s.")
  }
}
