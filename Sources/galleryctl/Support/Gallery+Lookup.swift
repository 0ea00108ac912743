import Console
import FaceEngine
import FaceGallery
import Support

extension Arguments {
  /// Opens the gallery that is there, with no engine; for reading where it may not be written.
  func existingGallery() throws -> Gallery { try existingGallery { _ in nil } }

  /// Opens the gallery that is there, with the engine that it was filled with, or `--engine`.
  func existingGalleryWithEngine() throws -> Gallery {
    try existingGallery { try engine(remembered: $0) }
  }

  private func existingGallery(
    _ engine: (EngineSpecification?) throws -> (any EmbeddingEngine)?
  ) throws -> Gallery {
    do {
      let gallery = try Gallery.open(
        at: galleryURL, options: GalleryOptions(access: .existing, decoder: decoder), engine: engine)
      gallery.announceLeftovers()
      return gallery
    } catch let error as GalleryError where [.readOnly, .permissionDenied].contains(error.code) {
      return try Gallery.open(
        at: galleryURL, options: GalleryOptions(access: .readOnly, decoder: decoder), engine: engine)
    }
  }
}

extension Gallery {
  /// The person that a word of the command line means; see ``Gallery/person(called:)``.
  ///
  /// - Throws: `InputError` when nobody is meant by it.
  func somebody(called word: String) throws -> Person {
    let found = try person(called: word)
    // A name that came by import or HTTP may have something like `\xFC` in it as it stands, and one of a folder is shown with it.
    if PathText.hasEscape(word), let plain = PathText.plain(word), let other = try person(called: plain) {
      guard let found, found.id != other.id else { return other }
      throw InputError(
        "\"\(plain)\" may be \(found.name), id:\(found.id), or \(other.name), id:\(other.id): say which by id:NUMBER."
      )
    }
    if let found { return found }
    if Self.isNumber(word), let number = UInt64(word.filter(\.isNumber)) {
      throw InputError("nobody has number \(number): see galleryctl list.")
    }
    let near = Suggestion.nearest(to: word, among: try people().map(\.name))
    throw InputError(
      "nobody is called \"\(word)\"\(near.map { "; did you mean \"\($0)\"?" } ?? ": see galleryctl list.")")
  }

  /// The person that a word means where it may also be a new name; nil for one that is. `id:7` means a person by number there;
  /// `#7` only who is called so.
  ///
  /// - Throws: `InputError` for `id:7` where there is no such person, `UsageError` for `#7` where nobody is called so: nobody is given
  ///   either for a name.
  func somebody(calledOrNew word: String) throws -> Person? {
    if Self.isNumber(word), !word.contains("#") { return try somebody(called: word) }
    if let person = try person(named: word) { return person }
    try Self.checkNew(word)
    return nil
  }

  /// Makes sure that a word can be somebody's name.
  ///
  /// Bytes that are not UTF-8 are refused where a name is typed: as text they may be another name. Folders whose names have such bytes
  /// are people all the same.
  static func checkNew(_ word: String) throws(UsageError) {
    if isNumber(word) {
      throw UsageError("\"\(word)\" is how a person is meant by number, and no name; choose another one.")
    }
    if PathText.hasEscape(word) {
      throw UsageError(
        "the name \"\(word)\" has bytes that are not UTF-8 (those written as \\x), or reads so; write it in UTF-8."
      )
    }
  }

  /// Whether a word means a person by number, as `id:7` and `#7` do.
  static func isNumber(_ word: String) -> Bool {
    word.wholeMatch(of: /\s*(id:|#)\s*[0-9]+\s*/) != nil
  }

  /// The face whose number a word of the command line is.
  ///
  /// - Throws: `UsageError` for another word, `InputError` when there is no such face.
  func face(called word: String) throws -> FaceID {
    guard let number = UInt64(plain: word.hasPrefix("#") ? word.dropFirst() : word[...]) else {
      throw UsageError("FACE is a number, as `galleryctl show` lists it, not \"\(word)\".")
    }
    guard try face(FaceID(rawValue: number)) != nil else {
      throw InputError("there is no face \(number): see galleryctl show PERSON.")
    }
    return FaceID(rawValue: number)
  }
}
