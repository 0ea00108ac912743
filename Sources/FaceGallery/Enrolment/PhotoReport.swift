/// What became of one photo that was to be enrolled.
public struct PhotoReport: Sendable, Hashable {
  /// Added, skipped or refused.
  public enum Outcome: Sendable, Hashable {
    /// The faces were added, and are on disk.
    case added([FaceID])
    /// The person has this photo already, with these faces; nothing was done.
    case skipped([FaceID])
    /// Nothing was added, for this reason.
    case refused(Refusal)
  }

  /// Path or name of the photo, when it has one.
  public let photo: String?

  /// The name under which it was to be enrolled, normalised; nil when its faces have none.
  public let name: String?

  /// The person; nil when the photo was refused and nobody has the name, and for faces without one.
  public let person: PersonID?

  /// Added, skipped or refused.
  public let outcome: Outcome

  /// Names of other people of whom the gallery has faces in this same photo, sorted; a group photo may have
  /// several, in a portrait they hint at a mistake.
  public let alsoShows: [String]

  /// A report by its parts.
  public init(photo: String?, name: String?, person: PersonID?, outcome: Outcome, alsoShows: [String] = []) {
    self.photo = photo
    self.name = name
    self.person = person
    self.outcome = outcome
    self.alsoShows = alsoShows
  }
}
