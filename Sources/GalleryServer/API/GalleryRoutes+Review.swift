internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing
internal import Support

extension GalleryRoutes {
  static var review: [Route] {
    [
      Route(.post, "/api/v1/review", access: .role(.write), lane: .upkeep) { call in
        let served = try call.served
        let made = try call.service.reviews.make(of: served.name) { progress in
          try served.gallery.reviewFaces(progress: progress)
        }
        return try .json(try ReviewPage(made, call, after: nil))
      },
      Route(.get, "/api/v1/review/progress", access: .role(.read)) { call in
        let progress = call.service.reviews.progress(of: try call.served.name)
        return try .json(ReviewProgressRecord(progress.map { ($0.done, $0.total) }))
      },
      Route(
        .get, "/api/v1/review", access: .role(.read), parameters: ["kind", "after", "limit"]
      ) { call in
        let served = try call.served
        guard let made = call.service.reviews.last(of: served.name) else {
          throw HTTPFailure(
            404, "no-review",
            "Nobody has asked for a review since the server was started; POST /api/v1/review makes one.")
        }
        return try .json(try ReviewPage(made, call, after: call.request.query["after"]))
      },
      Route(
        .get, "/api/v1/ignored", access: .role(.read), parameters: ["group", "after", "limit"],
        handler: listIgnored),
      Route(
        .post, "/api/v1/ignored", access: .role(.write), lane: .changes,
        body: .json(.object("faces", "group")), handler: ignore),
      Route(
        .delete, "/api/v1/ignored", access: .role(.write), lane: .changes, parameters: ["group"]
      ) { call in
        guard let group = try group(call.request.query) else {
          throw HTTPFailure(
            400, "bad-parameter",
            "The parameter group is missing: say which group is to be asked about again.",
            number: 26)
        }
        return try .json(FaceNumbersRecord(try call.gallery.stopIgnoring(group: group)))
      },
      Route(.delete, "/api/v1/ignored/{face}", access: .role(.write), lane: .changes) { call in
        let face = FaceID(rawValue: try number(call, "face"))
        return try .json(FaceNumbersRecord(try call.gallery.stopIgnoring([face])))
      },
    ]
  }

  private static func group(_ query: QueryString) throws(HTTPFailure) -> UInt64? {
    guard let text = query["group"] else { return nil }
    guard let group = UInt64(plain: text), group > 0 else {
      throw HTTPFailure(
        400, "bad-parameter", "The parameter group must be the number of a group.", number: 26)
    }
    return group
  }

  private static func listIgnored(_ call: Call) throws -> HTTPResponse {
    let (query, gallery) = (call.request.query, try call.gallery)
    let limit = try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit
    // One more says whether others follow.
    let page = try gallery.ignoredFaces(
      of: try group(query), after: try query.entry().map { FaceID(rawValue: $0) }, limit: limit + 1)
    let listed = page.faces.prefix(limit)
    let pictures = try FacePictures(of: listed.map(\.id), in: gallery)
    return try .json(
      IgnoredPageRecord(
        total: page.total,
        faces: try listed.compactMap { face in
          try gallery.face(face.id).map {
            IgnoredPageRecord.Face($0, group: face.group, thumbnail: pictures.path(of: face.id))
          }
        }, next: page.faces.count > limit ? listed.last?.id : nil))
  }

  private struct Ignoring: Decodable {
    let faces: [UInt64]?
    let group: UInt64?
  }

  private static func ignore(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(Ignoring.self)
    let gallery = try call.gallery
    switch (request.faces, request.group) {
    case (let faces?, nil):
      try check(faces, "faces")
      return try .json(FaceNumbersRecord(try gallery.ignore(faces.map { FaceID(rawValue: $0) })))
    case (nil, let group?): return try .json(FaceNumbersRecord(try gallery.ignore(group: group)))
    default:
      throw HTTPFailure(
        400, "bad-json", "Say what is to be ignored by one of the members faces and group.", number: 26)
    }
  }
}

/// A page of a review: what is left of it, in the order of ``FaceReview/entries``.
private struct ReviewPage: Encodable {
  let made: Date
  /// Entries on all pages.
  let total: Int
  let review: ReviewRecord
  let next: String?

  private enum CodingKeys: CodingKey { case made, total, next }

  /// - Parameter cursor: Where it begins, as a page named it.
  init(_ kept: KeptReview, _ call: Call, after cursor: String?) throws {
    let (query, gallery) = (call.request.query, try call.gallery)
    let kind = try query["kind"].map { word in
      guard let kind = FaceReview.Kind(rawValue: word) else {
        throw HTTPFailure(
          400, "bad-parameter",
          "The parameter kind must be one of \(FaceReview.Kind.allCases.map(\.rawValue).joined(separator: ", ")).",
          number: 26)
      }
      return kind
    }
    let limit = try query.integer("limit", in: OptionLimits.page) ?? Paging.standardLimit
    // Places are those of the review as it was made: nothing moves when something is settled between two pages.
    let start = try cursor.map { try kept.place($0) } ?? 0
    let open = try gallery.unsettled(kept.entries)
    let wanted = open.indices.filter { place in
      open[place].map { kind == nil || $0.kind == kind } == true
    }
    let rest = wanted.drop { $0 < start }
    let listed = rest.prefix(limit)
    let page = listed.compactMap { open[$0] }
    let pictures = try FacePictures(of: page.flatMap { $0.members.map(\.face) }, in: gallery)
    made = kept.made
    total = wanted.count
    next = rest.count > listed.count ? listed.last.map { kept.cursor($0 + 1) } : nil
    review = ReviewRecord(page, of: kept.faces, withPaths: false, thumbnail: pictures.path)
  }

  func encode(to encoder: any Encoder) throws {
    try review.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(made, forKey: .made)
    try container.encode(total, forKey: .total)
    try container.encodeIfPresent(next, forKey: .next)
  }
}
