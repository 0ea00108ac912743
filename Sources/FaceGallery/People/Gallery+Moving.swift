public import GalleryStore

/// Who gets faces.
public enum FaceReceiver: Sendable, Hashable {
  /// A person who is there.
  case person(PersonID)
  /// The person of this name, who is made when nobody has it.
  case named(String)
  /// Nobody: they have no name then, and are a group of this number when one is given.
  case nobody(group: UInt64?)
}

/// A face that went from somebody to somebody else.
public struct MovedFace: Sendable, Hashable {
  /// The face.
  public let face: FaceID
  /// Whose it was; ``PersonID/unnamed`` for a face without a name.
  public let from: PersonID
}

/// What has become of faces that were moved.
public struct FaceMove: Sendable, Hashable {
  /// Who has them now; nil for nobody.
  public let person: Person?
  /// Those that were somebody else's before, older ones first.
  public let moved: [MovedFace]
}

extension Gallery {
  /// Gives faces to somebody; whoever had them stays, also without faces. What is moved is asked about again, see ``ignore(_:)``.
  ///
  /// A move is undone by moving the faces back: ``FaceMove/moved`` says where they were.
  ///
  /// - Throws: ``GalleryError``: `noSuchFace`, `noSuchPerson`, `invalidName`, `invalidArgument` for no faces and for a group whose number was
  ///   never given out. Then nothing has changed.
  /// - Complexity: O(*f* log *n*) for *f* faces; the index is not touched.
  @discardableResult
  public func move(
    _ faces: some Sequence<FaceID>, to receiver: FaceReceiver
  ) throws(GalleryError) -> FaceMove {
    let faces = Set(faces).sorted()
    let name: PersonName?
    if case .named(let text) = receiver { name = try PersonName(text) } else { name = nil }
    guard !faces.isEmpty else {
      throw GalleryError(.invalidArgument, "No face was named; say which faces are to be moved.")
    }
    return try write { writer in
      for face in faces where try !writer.contains(face) { throw GalleryError.noSuchFace(face) }
      return try writer.move(faces, to: receiver, name)
    }
  }

  /// Moves all faces and tags of several people to one, whose name, number and own tags stay, and removes the others: all of them, or, when
  /// this throws, nobody.
  ///
  /// - Returns: The one, and whose the faces were.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `invalidArgument` for nobody else.
  /// - Complexity: O(*f* log *n*) for *f* faces that are moved; the index is not touched.
  @discardableResult
  public func merge(_ sources: [PersonID], into target: PersonID) throws(GalleryError) -> FaceMove {
    let sources = Set(sources).subtracting([target]).sorted()
    guard !sources.isEmpty else {
      throw GalleryError(.invalidArgument, "Nobody else was named; say who is to become one with the person.")
    }
    return try write { writer in
      var moved: [MovedFace] = []
      for source in sources {
        moved += try writer.faces(of: source).map { MovedFace(face: $0, from: source) }
        try writer.merge(source, into: target)
      }
      return FaceMove(person: try writer.existing(target), moved: moved.sorted { $0.face < $1.face })
    }
  }
}

extension StoreWriter where Self: ~Copyable {
  /// Gives faces that are there to somebody.
  ///
  /// - Parameter name: The receiver's name, where that is one.
  func move(_ faces: [FaceID], to receiver: FaceReceiver, _ name: PersonName?) throws -> FaceMove {
    let target: PersonID
    var group: UInt64?
    switch receiver {
    case .person(let person):
      guard try contains(person) else { throw GalleryError.noSuchPerson(person) }
      target = person
    case .named(let text):
      let name = try name ?? PersonName(text)
      target = try person(named: name) ?? insert(name)
    case .nobody(let wanted):
      if let wanted, try wanted < 1 || wanted > counters().lastFace {
        throw GalleryError(
          .invalidArgument, "No group had the number \(wanted) yet; give one that a group had.")
      }
      (target, group) = (.unnamed, wanted)
    }
    _ = try stopIgnoring(faces)
    var moved: [MovedFace] = []
    for face in faces {
      let from = try storedRecord(face).person
      if from != target {
        try move(face, to: target)
        moved.append(MovedFace(face: face, from: from))
      }
      if let group { try setGroup(group, of: face) }
    }
    return FaceMove(person: target == .unnamed ? nil : try existing(target), moved: moved)
  }
}
