public import FaceGallery

/// How a gallery was brought in step with folders, or would be, in JSON.
public struct SyncRecord: Encodable, Sendable {
  /// A photo that moved.
  public struct Move: Encodable, Sendable {
    /// Where it is.
    public let photo: String
    /// Where it was.
    public let from: String
    /// The numbers of its faces.
    public let faces: [UInt64]
    /// Whose they became, when it lies in somebody else's folder now.
    public let name: String?
  }

  /// A person whose folder has another name.
  public struct Renaming: Encodable, Sendable {
    /// The person's number.
    public let person: UInt64
    /// The name so far.
    public let from: String
    /// The name of the folder.
    public let to: String
  }

  /// A photo to be added.
  public struct Addition: Encodable, Sendable {
    /// The photo's path.
    public let photo: String
    /// Who is on it.
    public let name: String?
    /// The numbers of the faces that go when its own are there.
    public let replaces: [UInt64]
  }

  /// A photo that is gone.
  public struct Missing: Encodable, Sendable {
    /// Where it was.
    public let photo: String
    /// The numbers of its faces.
    public let faces: [UInt64]
    /// Whose they are.
    public let names: [String]
    /// Whether a folder above it leads nowhere, or is empty: then its faces are not removed.
    public let unreachable: Bool
  }

  /// A photo that moved to somebody whose it may not be.
  public struct DoubtfulMove: Encodable, Sendable {
    /// Where it is.
    public let photo: String
    /// In whose folder.
    public let name: String?
    /// Why, as a word that never changes.
    public let reasonKind: String
    /// Why, as a sentence.
    public let reason: String
  }

  /// A photo that could not be used before and has not changed.
  public struct Refused: Encodable, Sendable {
    /// The photo's path.
    public let photo: String
    /// Why, as a word that never changes.
    public let reasonKind: String
    /// Why, as a sentence.
    public let reason: String
  }

  /// Whether nothing was done.
  public let dryRun: Bool
  /// Photos in the folders.
  public let total: Int
  /// Photos whose faces are where they were.
  public let unchanged: Int
  /// How many photos were added, or would be.
  public let added: Int
  /// How many of them took the place of others.
  public let changed: Int
  /// How many photos could not be used, this time or before.
  public let refused: Int
  /// How many photos moved.
  public let moved: Int
  /// How many photos are gone.
  public let missing: Int
  /// How many faces were removed.
  public let removedFaces: Int
  /// How many people were removed.
  public let removedPeople: Int
  /// The photos that would be added; none after a run.
  public let additions: [Addition]
  /// What became of the photos that were to be added; none of a dry run.
  public let photos: [EnrolmentRecord]
  /// The photos that moved.
  public let moves: [Move]
  /// The moves that the gallery doubts; with `--strict` the faces stay whose they were. Empty of a dry run.
  public let doubtfulMoves: [DoubtfulMove]
  /// The people who got another name.
  public let renamings: [Renaming]
  /// The photos that are gone; their faces are removed with `--prune` only.
  public let missingPhotos: [Missing]
  /// The photos that could not be used before.
  public let refusedBefore: [Refused]
  /// Files and folders that could not be read, a sentence each.
  public let unreadable: [String]
  /// What was passed over besides, a record a kind.
  public let leftOut: [LeftOutRecord]

  /// The record of a plan and, unless nothing was done, of what became of it.
  public init(_ plan: SyncPlan, _ report: SyncReport? = nil) {
    dryRun = report == nil
    total = plan.photos
    unchanged = plan.unchanged
    moves = plan.moves.map {
      Move(photo: $0.path, from: $0.from, faces: $0.faces.map(\.rawValue), name: $0.name)
    }
    doubtfulMoves = (report?.doubtfulMoves ?? []).map {
      DoubtfulMove(
        photo: $0.move.path, name: $0.move.name, reasonKind: $0.doubt.kind, reason: $0.doubt.description)
    }
    renamings = plan.renamings.map { Renaming(person: $0.person.rawValue, from: $0.from, to: $0.to) }
    missingPhotos = plan.missing.map {
      Missing(photo: $0.path, faces: $0.faces.map(\.rawValue), names: $0.names, unreachable: $0.isUnreachable)
    }
    refusedBefore = plan.refused.map { Refused(photo: $0.path, reasonKind: $0.kind, reason: $0.reason) }
    moved = Set(plan.moves.map(\.path)).count
    missing = plan.missing.count
    photos = report?.photos.map(EnrolmentRecord.init) ?? []
    let counts = SyncCounts(plan, report)
    (added, changed, refused) = (counts.added, counts.changed, counts.refused)
    additions =
      report != nil
      ? []
      : plan.additions.map {
        Addition(photo: $0.path, name: $0.name, replaces: $0.replaces.map(\.rawValue))
      }
    removedFaces = report?.removedFaces ?? 0
    removedPeople = report?.removedPeople ?? 0
    unreadable = LeftOutRecord.unreadable(plan.omissions)
    leftOut = LeftOutRecord.all(plan.omissions)
  }
}

/// How many photos of a plan were, or would be, added, take the place of others, and could not be used.
public struct SyncCounts: Sendable {
  /// Photos that are added, those of ``changed`` among them.
  public private(set) var added = 0
  /// Photos that take the place of others.
  public private(set) var changed = 0
  /// Photos that could not be used.
  public private(set) var refused: Int

  /// The counts of a plan and, unless nothing was done, of what became of it.
  public init(_ plan: SyncPlan, _ report: SyncReport?) {
    refused = plan.refused.count
    for (index, addition) in plan.additions.enumerated() {
      if let report {
        guard index < report.photos.count else { continue }
        if case .refused = report.photos[index].outcome { refused += 1 }
        guard case .added = report.photos[index].outcome else { continue }
      }
      added += 1
      if !addition.replaces.isEmpty { changed += 1 }
    }
  }
}
