public import FaceGallery
public import Foundation

/// Who is gone, in JSON.
public struct RemovalRecord: Encodable, Sendable {
  /// Their names; none when faces are meant, or everybody: they may be a million.
  public var people: [String]
  /// How many people are gone; 0 when faces are meant.
  public var peopleCount: Int
  /// How many faces are gone.
  public var faces: Int
  /// Whether nothing was removed, and this is who would be.
  public var dryRun: Bool
  /// The number by which the removal is undone, where it is known.
  public var removal: UInt64?

  /// The record of single faces, or of everybody.
  public init(peopleCount: Int = 0, faces: Int) {
    (people, self.peopleCount, self.faces, dryRun) = ([], peopleCount, faces, false)
  }

  /// The record of what was removed, with the names of the people, if single ones are meant.
  public init(_ report: RemovalReport, people: [String] = []) {
    (self.people, peopleCount, faces, dryRun) = (people, report.people, report.faces, false)
    removal = report.number
  }

  /// The record of people by their names.
  public init(people: [String], faces: Int) {
    (self.people, peopleCount, self.faces, dryRun) = (people, people.count, faces, false)
  }
}

/// A removal that can be undone, in JSON.
public struct KeptRemovalRecord: Encodable, Sendable {
  /// The removal's number, for `undo`.
  public let number: UInt64
  /// When it was done.
  public let removed: Date
  /// When it is forgotten.
  public let expires: Date
  /// How many people are kept of it.
  public let people: Int
  /// How many faces are kept of it.
  public let faces: Int

  /// The record of a removal.
  public init(_ removal: Removal) {
    (number, removed, expires) = (removal.number, removal.removed, removal.expires)
    (people, faces) = (removal.people, removal.faces)
  }
}
