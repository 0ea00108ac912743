internal import GalleryStore
internal import Support

extension Gallery {
  /// The person with this name; nil when there is none.
  ///
  /// Names are compared whatever their letter case, accents of form, width of letters, runs of blanks and characters without
  /// width (NFKC_Casefold). Where a gallery that is older than this rule has several people of one name, the one who is
  /// written exactly so is meant.
  ///
  /// - Throws: ``GalleryError``: `invalidName` for a name that nobody can have, `ambiguousName`.
  public func person(named name: String) throws(GalleryError) -> Person? {
    let name = try PersonName(name)
    return try read { snapshot in
      if let id = try snapshot.person(exactly: name) { return try snapshot.person(id) }
      let alike = try snapshot.people(withKey: NameKey(of: name.text))
      guard alike.count < 2 else {
        let people = try alike.map { try snapshot.existing($0) }.map { "“\($0.name)” (id:\($0.id))" }
        throw GalleryError(
          .ambiguousName,
          "\(people.joined(separator: " and ")) have the name “\(name.text)”; write it as one of them has it, or merge them."
        )
      }
      return try alike.first.flatMap { try snapshot.person($0) }
    }
  }

  /// The person whom a word means: `id:7` is the person with number 7, another word is a name, and `#7`, where it is nobody's name,
  /// the number, too. Nil when nobody is meant by it.
  ///
  /// - Throws: As ``person(named:)``.
  public func person(called word: String) throws(GalleryError) -> Person? {
    if word.hasPrefix("id:"), let number = UInt64(plain: word.dropFirst(3)) {
      return try person(PersonID(rawValue: number))
    }
    if let person = try person(named: word) { return person }
    guard word.hasPrefix("#"), let number = UInt64(plain: word.dropFirst()) else { return nil }
    return try person(PersonID(rawValue: number))
  }
}
