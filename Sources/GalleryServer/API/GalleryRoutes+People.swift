internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing
internal import Support

extension GalleryRoutes {
  static var people: [Route] {
    [
      Route(
        .get, "/api/v1/people", access: .role(.read),
        parameters: ["named", "name", "where", "after", "offset", "limit"],
        handler: list),
      Route(
        .delete, "/api/v1/people", access: .role(.write), lane: .changes, parameters: ["confirm", "purge"],
        handler: removeAll),
      Route(.get, "/api/v1/people/{person}", access: .role(.read)) { call in
        try .json(PersonRecord(try person(call)))
      },
      Route(
        .patch, "/api/v1/people/{person}", access: .role(.write), lane: .changes,
        body: .json(.object("name", "merge", "picture")), handler: change),
      Route(
        .delete, "/api/v1/people/{person}", access: .role(.write), lane: .changes, parameters: ["purge"]
      ) { call in
        let gallery = try call.gallery
        let purge = try call.purges
        // The answer names them as they were called when they were removed.
        for _ in 0..<100 {
          let person = try person(call)
          do {
            let report = try gallery.remove(people: [person], purge: purge)
            return try .json(RemovalRecord(report, people: [person.name]))
          } catch let error as GalleryError where error.code == .noSuchPerson {}
        }
        throw HTTPFailure(409, "name-taken", "The person was renamed meanwhile; try again.", number: 43)
      },
      Route(
        .get, "/api/v1/people/{person}/faces", access: .role(.read), parameters: ["where", "after", "limit"],
        handler: listFaces),
      Route(.get, "/api/v1/people/{person}/tags", access: .role(.read)) { call in
        try .json(TagsRecord(try call.gallery.tags(of: try person(call).id)))
      },
      Route(
        .patch, "/api/v1/people/{person}/tags", access: .role(.write), lane: .changes,
        body: .json(.object("tags"))
      ) { call in
        let tags = try call.request.json(TagChange.self).tags
        return try .json(TagsRecord(try call.gallery.tag(try person(call).id, tags)))
      },
      Route(.get, "/api/v1/people/{person}/thumbnail", access: .role(.read)) { call in
        let gallery = try call.gallery
        guard let jpeg = try gallery.thumbnail(of: try person(call).id) else { throw noThumbnail }
        return thumbnailReply(jpeg, seconds: 60)
      },
    ]
  }

  /// Values for keys; nil takes a tag away.
  struct TagChange: Decodable { let tags: [String: String?] }

  private static func list(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    if let name = query["named"] {
      guard ["name", "where", "after", "offset", "limit"].allSatisfy({ query[$0] == nil }) else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter named asks for one person; leave out the others.", number: 26)
      }
      let people = try call.gallery.person(named: name).map { [$0] } ?? []
      return try .json(PeopleRecord(total: people.count, people: people))
    }
    let limit = try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit
    // One more says whether others follow.
    let page = try call.gallery.people(
      containing: query["name"], after: query["after"],
      offset: try query.integer("offset", in: 0...Int(Int32.max)) ?? 0, limit: limit + 1,
      tagged: try SearchSettings.tagConditions(query["where"]))
    let listed = page.people.prefix(limit)
    return try .json(
      PeopleRecord(
        total: page.total, people: listed, next: page.people.count > limit ? listed.last?.name : nil))
  }

  private static func listFaces(_ call: Call) throws -> HTTPResponse {
    let (query, gallery) = (call.request.query, try call.gallery)
    let limit = try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit
    let page = try gallery.faces(
      of: try person(call).id, after: try query.entry().map { FaceID(rawValue: $0) }, limit: limit + 1,
      where: try SearchSettings.tagConditions(query["where"]))
    let listed = page.faces.prefix(limit)
    let pictures = try FacePictures(of: listed.map(\.id), in: gallery)
    return try .json(
      FacesRecord(
        total: page.total, faces: listed.map { FaceRecord($0, thumbnail: pictures.path(of: $0.id)) },
        next: page.faces.count > limit ? listed.last?.id.rawValue : nil))
  }

  /// Removes everybody, when the request says that everybody is meant.
  private static func removeAll(_ call: Call) throws -> HTTPResponse {
    guard call.request.query["confirm"] == "all" else {
      throw HTTPFailure(
        400, "bad-parameter", "With the parameter confirm=all everybody is removed, and else nobody.",
        number: 26)
    }
    let removed = try call.gallery.removeAllPeople(purge: call.purges)
    return try .json(RemovalRecord(peopleCount: removed.people, faces: removed.faces))
  }

  /// The person whom the path names.
  static func person(_ call: Call) throws -> Person {
    let number = try number(call, "person")
    guard let person = try call.gallery.person(PersonID(rawValue: number)) else {
      throw HTTPFailure(
        404, "no-such-subject", "There is no person \(number); GET /api/v1/people lists all.", number: 42)
    }
    return person
  }

  /// A number in the path.
  static func number(_ call: Call, _ name: String) throws(HTTPFailure) -> UInt64 {
    // In its one usual form, so that nothing has two addresses.
    guard let number = UInt64(plain: call.parameter(name)), number > 0 else {
      throw HTTPFailure(
        400, "bad-parameter",
        "The \(name) in the path must be a whole number above 0, without a sign and leading zeros.",
        number: 26)
    }
    return number
  }

  /// What is to become of a person: another name, or another face that stands for them, where `null` is none.
  private struct PersonChange: Decodable {
    let name: String?
    let merge: Bool?
    let picture: UInt64?
    let hasPicture: Bool

    private enum CodingKeys: CodingKey { case name, merge, picture }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decodeIfPresent(String.self, forKey: .name)
      merge = try container.decodeIfPresent(Bool.self, forKey: .merge)
      picture = try container.decodeIfPresent(UInt64.self, forKey: .picture)
      hasPicture = container.contains(.picture)
    }
  }

  private static func change(_ call: Call) throws -> HTTPResponse {
    let change = try call.request.json(PersonChange.self)
    switch (change.name, change.hasPicture) {
    case (let name?, false): return try rename(call, to: name, merges: change.merge == true)
    case (nil, true) where change.merge == nil:
      let face = change.picture.map { FaceID(rawValue: $0) }
      return try .json(PersonRecord(try call.gallery.choosePicture(face, of: try person(call).id)))
    default:
      throw HTTPFailure(
        400, "bad-json", "Say by one of the members name and picture what is to be changed.", number: 26)
    }
  }

  /// Gives a person another name, or, when that is asked for, their faces to the person who has the name.
  private static func rename(_ call: Call, to name: String, merges: Bool) throws -> HTTPResponse {
    let gallery = try call.gallery
    // Somebody may take the name, or give it up, between the look and the change.
    for _ in 0..<100 {
      let person = try person(call)
      do {
        return try .json(PersonRecord(try gallery.rename(person.id, to: name)))
      } catch let error as GalleryError where error.code == .nameTaken {
        guard merges else {
          throw HTTPFailure(
            409, "name-taken",
            "Somebody else has the name; with \"merge\": true the faces go to that person.",
            number: 43)
        }
      }
      guard let target = try gallery.person(named: name) else { continue }
      do {
        return try .json(PersonRecord(try gallery.merge(person.id, into: target)))
      } catch let error as GalleryError where error.code == .noSuchPerson {}
    }
    throw HTTPFailure(409, "name-taken", "The name was taken meanwhile; try again.", number: 43)
  }
}

extension Call {
  /// Whether a removal is to keep nothing for undo.
  var purges: Bool { get throws { try request.query.flag("purge") ?? false } }
}
