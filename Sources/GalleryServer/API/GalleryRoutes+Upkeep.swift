internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing
internal import Support

extension GalleryRoutes {
  static var upkeep: [Route] {
    [
      Route(.get, "/api/v1/gallery", access: .role(.read), handler: statistics),
      Route(
        .get, "/api/v1/changes", access: .role(.read), parameters: ["kind", "person", "after", "limit"],
        handler: changes),
      Route(
        .post, "/api/v1/check", access: .role(.admin), lane: .upkeep,
        body: .json(.object("repair", "recall_sample")), handler: check),
      Route(
        .post, "/api/v1/backup", access: .role(.admin), lane: .upkeep, body: .json(.object("name")),
        handler: backup),
      Route(
        .post, "/api/v1/compact", access: .role(.admin), lane: .upkeep, body: .json(.object()),
        handler: compact),
      Route(
        .post, "/api/v1/undo", access: .role(.write), lane: .changes, body: .json(.object("removal")),
        handler: undo),
    ]
  }

  private static func statistics(_ call: Call) throws -> HTTPResponse {
    try .json(
      ServedGalleryRecord(
        GalleryRecord(try call.gallery.info()), name: try call.served.name, role: call.role.rawValue,
        keepsThumbnails: call.service.settings.keepThumbnails))
  }

  private static func changes(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    let kind = try query["kind"].map { word in
      guard let kind = GalleryChange.Kind(rawValue: word) else {
        throw HTTPFailure(
          400, "bad-parameter",
          "The parameter kind must be one of "
            + "\(GalleryChange.Kind.allCases.map(\.rawValue).joined(separator: ", ")).", number: 26)
      }
      return kind
    }
    let person = try query["person"].map { text in
      guard let number = UInt64(plain: text), number > 0 else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter person must be the number of a person.", number: 26)
      }
      return PersonID(rawValue: number)
    }
    let page = try call.gallery.changes(
      after: try query.entry(),
      limit: try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit
    ) { change in
      change.kind == .restarted
        || (kind == nil || change.kind == kind) && (person == nil || change.person == person)
    }
    guard let page else {
      throw HTTPFailure(
        410, "changes-forgotten",
        "The gallery no longer knows what came after that change: read what you need anew, and begin without after."
      )
    }
    return try .json(ChangesRecord(page))
  }

  private struct CheckRequest: Decodable {
    let repair: Bool?
    let recallSample: Int?
    enum CodingKeys: String, CodingKey {
      case repair
      case recallSample = "recall_sample"
    }
  }

  private static func check(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(CheckRequest.self)
    let sample = request.recallSample ?? Gallery.standardRecallSample
    guard OptionLimits.recallSample.contains(sample) else {
      throw HTTPFailure(
        400, "bad-parameter",
        "The value of recall_sample must be from 0 to \(OptionLimits.recallSample.upperBound).", number: 26)
    }
    return try .json(
      HealthRecord(try call.gallery.check(repair: request.repair ?? false, recallSample: sample)))
  }

  private struct BackupRequest: Decodable { let name: String }

  /// Writes a backup into the folder that the server's owner chose; the client chooses no more than its name.
  private static func backup(_ call: Call) throws -> HTTPResponse {
    let name = try call.request.json(BackupRequest.self).name
    guard let folder = call.service.settings.backupFolder else {
      throw HTTPFailure(
        409, "no-backup-folder", "The server was given no folder for backups.")
    }
    guard RequestID.accepted(name) != nil, !name.hasPrefix(".") else {
      throw HTTPFailure(
        400, "bad-parameter",
        "A backup's name has 1 to 64 letters, digits, dots, dashes and underscores, and no dot in front.",
        number: 26)
    }
    let target = folder.appending(path: name, directoryHint: .isDirectory)
    guard !InputFile.exists(target.path(percentEncoded: false)) else {
      throw HTTPFailure(409, "backup-exists", "There is a backup of this name already; choose another one.")
    }
    let began = ContinuousClock.now
    try call.gallery.backup(to: target)
    let seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
    // The backup is there all the same when it cannot be opened to count what is in it.
    let figures = try? CopyRecord.Figures(of: target)
    return try .json(CopyRecord(name: name, figures: figures, seconds: seconds), status: 201)
  }

  /// Writes the gallery's files anew without what was removed, while it is served.
  private static func compact(_ call: Call) throws -> HTTPResponse {
    try .json(CompactionRecord(try call.gallery.compact()))
  }

  private struct UndoRequest: Decodable { let removal: UInt64? }

  /// Brings back who and what was removed within a day.
  private static func undo(_ call: Call) throws -> HTTPResponse {
    let returned = try call.gallery.undo(call.request.json(UndoRequest.self).removal)
    return try .json(
      UndoRecord(people: returned.people, faces: returned.faces, skipped: returned.skipped))
  }
}
