internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing
internal import Support

extension GalleryRoutes {
  static var groups: [Route] {
    [
      Route(
        .post, "/api/v1/groups", access: .role(.write), lane: .upkeep,
        body: .json(.object("threshold", "neighbors", "min_faces")), handler: find),
      Route(
        .get, "/api/v1/groups", access: .role(.read),
        parameters: ["after", "limit", "min_faces", "faces", "suggest"], handler: list),
      Route(
        .get, "/api/v1/groups/{group}", access: .role(.read), parameters: ["faces", "suggest"]
      ) { call in
        let gallery = try call.gallery
        let number = try number(call, "group")
        guard let group = try gallery.group(number) else { throw noSuchGroup(number) }
        guard let record = try records([group], call).first else { throw noSuchGroup(number) }
        return try .json(record)
      },
      Route(
        .patch, "/api/v1/groups/{group}", access: .role(.write), lane: .changes,
        body: .json(.object("name", "person", "except")), handler: name),
      Route(
        .patch, "/api/v1/faces", access: .role(.write), lane: .changes,
        body: .json(.object("faces", "name", "person", "unnamed", "group")), handler: move),
      Route(
        .post, "/api/v1/people/{person}/merge", access: .role(.write), lane: .changes,
        body: .json(.object("people")), handler: merge),
    ]
  }

  static func noSuchGroup(_ number: UInt64) -> HTTPFailure {
    HTTPFailure(
      404, "no-such-group",
      "There is no group \(number); GET /api/v1/groups lists those that were found last.")
  }

  private struct Finding: Decodable {
    let threshold: Float?
    let neighbors: Int?
    let minimumFaces: Int?
    enum CodingKeys: String, CodingKey {
      case threshold, neighbors
      case minimumFaces = "min_faces"
    }
  }

  private static func find(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(Finding.self)
    var options = ClusteringOptions(threshold: request.threshold)
    if let threshold = request.threshold, !OptionLimits.threshold.contains(Double(threshold)) {
      throw unfit("threshold", "from -1 to 1")
    }
    if let count = request.neighbors {
      let range = ClusteringOptions.neighborRange
      guard range.contains(count) else {
        throw unfit("neighbors", "from \(range.lowerBound) to \(range.upperBound)")
      }
      options.neighbors = count
    }
    if let count = request.minimumFaces {
      guard OptionLimits.facesOfGroup.contains(count) else {
        throw unfit("min_faces", "from 1 to \(OptionLimits.facesOfGroup.upperBound)")
      }
      options.minimumFaces = count
    }
    return try .json(ClusteringRecord(try call.gallery.cluster(options: options)))
  }

  private static func list(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    let page = try call.gallery.groups(
      after: try query["after"].map { text in
        guard let position = GroupPage.Position(text) else { throw Paging.badCursor }
        return position
      },
      minimumFaces: try query.integer("min_faces", in: OptionLimits.facesOfGroup) ?? 1,
      limit: try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit)
    return try .json(
      GroupPageRecord(
        total: page.total, groups: try records(page.groups, call), next: page.next.map(\.text)))
  }

  private static func records(_ groups: [FaceGroup], _ call: Call) throws -> [ServedGroupRecord] {
    let query = call.request.query
    let count = try query.integer("faces", in: OptionLimits.page) ?? 12
    let suggests = try query.flag("suggest") ?? true
    let gallery = try call.gallery
    let likenesses = try groups.map { suggests ? try GroupLikeness($0, gallery) : nil }
    let pictures = try FacePictures(
      of: groups.flatMap { $0.faces.prefix(count) } + likenesses.compactMap { $0?.person?.face }, in: gallery)
    return zip(groups, likenesses).map { group, likeness in
      ServedGroupRecord(group, faces: count, likeness: likeness, thumbnail: pictures.path)
    }
  }

  private struct Naming: Decodable {
    let name: String?
    let person: UInt64?
    let except: [UInt64]?
  }

  private static func name(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(Naming.self)
    let receiver: FaceReceiver
    switch (request.name, request.person) {
    case (let name?, nil): receiver = .named(name)
    case (nil, let person?): receiver = .person(PersonID(rawValue: person))
    default:
      throw HTTPFailure(
        400, "bad-json", "Say who the group is by one of the members name and person.", number: 26)
    }
    let move = try call.gallery.give(
      group: try number(call, "group"), to: receiver,
      except: Set((request.except ?? []).map { FaceID(rawValue: $0) }))
    call.tellEnrolment(move)
    return try .json(FaceMoveRecord(move))
  }

  private struct Moving: Decodable {
    let faces: [UInt64]
    let name: String?
    let person: UInt64?
    let unnamed: Bool?
    let group: UInt64?
  }

  private static func move(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(Moving.self)
    try check(request.faces, "faces")
    let receiver: FaceReceiver
    switch (request.name, request.person, request.unnamed ?? false, request.group) {
    case (let name?, nil, false, nil): receiver = .named(name)
    case (nil, let person?, false, nil): receiver = .person(PersonID(rawValue: person))
    case (nil, nil, true, let group): receiver = .nobody(group: group)
    default:
      throw HTTPFailure(
        400, "bad-json",
        "Say where the faces go by one of the members name, person and unnamed (true); group goes with unnamed.",
        number: 26)
    }
    let move = try call.gallery.move(request.faces.map { FaceID(rawValue: $0) }, to: receiver)
    call.tellEnrolment(move)
    return try .json(FaceMoveRecord(move))
  }

  private struct Merging: Decodable { let people: [UInt64] }

  private static func merge(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(Merging.self)
    try check(request.people, "people")
    let target = try person(call)
    return try .json(
      FaceMoveRecord(
        try call.gallery.merge(request.people.map { PersonID(rawValue: $0) }, into: target.id)))
  }

  /// Checks how many numbers a list of a request has.
  static func check(_ numbers: [UInt64], _ name: String) throws(HTTPFailure) {
    guard OptionLimits.page.contains(numbers.count) else {
      throw unfit(name, "a list of 1 to \(OptionLimits.page.upperBound) numbers")
    }
  }

  private static func unfit(_ name: String, _ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-parameter", "The value of \(name) must be \(what).", number: 26)
  }
}

extension GroupPage.Position {
  /// The position as a page names it: faces and number of a group.
  fileprivate var text: String { "\(faces)-\(group)" }

  /// The position of a text; nil for another one.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let faces = Int(plain: parts[0]), let group = UInt64(plain: parts[1]), faces >= 0
    else { return nil }
    self.init(faces: faces, group: group)
  }
}
