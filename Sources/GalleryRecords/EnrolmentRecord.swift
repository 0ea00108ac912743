public import FaceGallery

/// What became of one photo that was to be added, in JSON.
public struct EnrolmentRecord: Encodable, Sendable {
  /// What became of it.
  public enum Result: String, Encodable, Sendable {
    /// Its faces are in the gallery now.
    case added
    /// They were there before.
    case skipped
    /// It is not used; ``EnrolmentRecord/reason`` says why.
    case refused
  }

  /// The photo's path; a server has none.
  public let photo: String?
  /// The person's name.
  public let name: String?
  /// The person's number.
  public let person: UInt64?
  /// What became of the photo.
  public let result: Result
  /// The numbers of its faces.
  public let faces: [UInt64]
  /// Why it was refused, as a word that never changes.
  public let reasonKind: String?
  /// Why it was refused, as a sentence.
  public let reason: String?
  /// The names of others under which the photo was added.
  public let alsoShows: [String]
  /// What speaks against the name of a photo that was added.
  public let doubts: [DoubtRecord]
  /// What is to be said of the photo's file though its picture was read.
  public let remarks: [String]

  /// The record of a photo's report.
  public init(_ report: PhotoReport) {
    photo = report.photo
    name = report.name
    person = report.person?.rawValue
    alsoShows = report.alsoShows
    remarks = report.remarks.map(\.message)
    doubts = report.doubts.map(DoubtRecord.init)
    switch report.outcome {
    case .added(let ids): (result, faces, reasonKind, reason) = (.added, ids.map(\.rawValue), nil, nil)
    case .skipped(let ids): (result, faces, reasonKind, reason) = (.skipped, ids.map(\.rawValue), nil, nil)
    case .refused(let why): (result, faces, reasonKind, reason) = (.refused, [], why.kind, why.description)
    }
  }
}

/// Why a face may not be the person's, in JSON.
public struct DoubtRecord: Encodable, Sendable {
  /// Why, as a word that never changes.
  public let reasonKind: String
  /// Why, as a sentence.
  public let reason: String

  /// The record of a doubt.
  public init(_ doubt: EnrolmentDoubt) { (reasonKind, reason) = (doubt.kind, doubt.description) }
}

/// What became of many photos, in JSON.
public struct FitRecord: Encodable, Sendable {
  /// Photos that were added.
  public let added: Int
  /// Photos that were there before.
  public let skipped: Int
  /// Photos that are not used.
  public let refused: Int
  /// Different people of whom a photo was added or was there before.
  public let people: Int
  /// What became of each photo.
  public let photos: [EnrolmentRecord]
  /// Files and folders that could not be read, and paths that were given and have no photos, a sentence each.
  public let unreadable: [String]
  /// What was passed over besides, a record a kind.
  public let leftOut: [LeftOutRecord]

  /// The record of a report, and why paths that were given have no photos, a sentence each.
  public init(_ report: FitReport, problems: [String] = []) {
    added = report.added
    skipped = report.skipped
    refused = report.refused
    people = report.people
    photos = report.photos.map(EnrolmentRecord.init)
    unreadable = problems + LeftOutRecord.unreadable(report.omissions)
    leftOut = LeftOutRecord.all(report.omissions)
  }
}

/// Files and folders that were passed over for one reason, in JSON.
public struct LeftOutRecord: Encodable, Sendable {
  /// The reason, as a word that never changes.
  public let kind: String
  /// How many there are.
  public let count: Int
  /// Their paths.
  public let paths: [String]

  /// A record for each kind that occurs; what could not be read is told by ``unreadable(_:)``.
  public static func all(_ omissions: [Omission]) -> [LeftOutRecord] {
    Omission.Kind.allCases.compactMap { kind in
      if kind == .unreadable { return nil }
      let paths = omissions.lazy.filter { $0.kind == kind }.map(\.path)
      return paths.isEmpty ? nil : LeftOutRecord(kind: kind.rawValue, count: paths.count, paths: Array(paths))
    }
  }

  /// What could not be read, a sentence each.
  public static func unreadable(_ omissions: [Omission]) -> [String] {
    omissions.filter { $0.kind == .unreadable }.map {
      "\($0.path) cannot be read: \($0.reason ?? "no reason")."
    }
  }
}
