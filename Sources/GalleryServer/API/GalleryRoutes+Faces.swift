internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing

extension GalleryRoutes {
  static var faces: [Route] {
    [
      Route(
        enrolling: "/api/v1/enrol",
        parameters: ["name", "unnamed", "several_faces", "any_quality", "allow_damaged", "strict", "box"]
          + DetectionOptions.parameters,
        preparing: enrol),
      Route(
        .post, "/api/v1/embeddings", access: .role(.write), lane: .changes,
        body: .json(.object(["faces": .list(.object("name", "embedding"))])), handler: addEmbeddings),
      Route(.get, "/api/v1/faces/{face}", access: .role(.read)) { call in
        guard let face = try call.gallery.face(try face(call)) else { throw noSuchFace }
        return try .json(FaceRecord(face))
      },
      Route(
        .delete, "/api/v1/faces/{face}", access: .role(.write), lane: .changes, parameters: ["purge"]
      ) { call in
        try .json(RemovalRecord(try call.gallery.remove(faces: [try face(call)], purge: call.purges)))
      },
      Route(.get, "/api/v1/faces/{face}/embedding", access: .role(.read)) { call in
        guard let embedding = try call.gallery.embedding(of: try face(call)) else { throw noSuchFace }
        return try .json(EmbeddingRecord(embedding))
      },
      Route(.get, "/api/v1/faces/{face}/tags", access: .role(.read)) { call in
        try .json(TagsRecord(try call.gallery.tags(of: try face(call))))
      },
      Route(
        .patch, "/api/v1/faces/{face}/tags", access: .role(.write), lane: .changes,
        body: .json(.object("tags"))
      ) { call in
        let tags = try call.request.json(TagChange.self).tags
        return try .json(TagsRecord(try call.gallery.tag(try face(call), tags)))
      },
      Route(.get, "/api/v1/faces/{face}/thumbnail", access: .role(.read), handler: thumbnail),
    ]
  }

  private static func face(_ call: Call) throws(HTTPFailure) -> FaceID {
    FaceID(rawValue: try number(call, "face"))
  }

  private static var noSuchFace: HTTPFailure {
    HTTPFailure(404, "no-such-image", "There is no such face.", number: 44)
  }

  private static func thumbnail(_ call: Call) throws -> HTTPResponse {
    let face = try face(call)
    guard let jpeg = try call.gallery.thumbnail(of: face) else {
      guard try call.gallery.face(face) != nil else { throw noSuchFace }
      throw noThumbnail
    }
    // A number is never given to another face, so the thumbnail stays what it is.
    return thumbnailReply(jpeg, seconds: 3600)
  }

  static var noThumbnail: HTTPFailure {
    HTTPFailure(
      404, "no-picture", "No thumbnail of this face was kept: the server keeps none, or kept none then.")
  }

  static func thumbnailReply(_ jpeg: Data, seconds: Int) -> HTTPResponse {
    HTTPResponse(
      headers: ["Content-Type": "image/jpeg", "Cache-Control": "private, max-age=\(seconds)"], body: jpeg)
  }

  private static func enrol(_ call: Call) throws -> @Sendable () throws -> HTTPResponse {
    let query = call.request.query
    let (name, isUnnamed) = (query["name"], try query.flag("unnamed") ?? false)
    guard (name == nil) == isUnnamed else {
      throw HTTPFailure(
        400, "invalid-name",
        name == nil
          ? "The parameter name is missing: say who is on the photo, or keep its faces without a name by unnamed=true."
          : "The parameters name and unnamed contradict each other; send one.", number: 26)
    }
    var options = EnrolmentOptions(
      detection: try DetectionOptions(query), keepThumbnails: call.service.settings.keepThumbnails)
    if isUnnamed { options.severalFaces = .all }
    if let word = query["several_faces"] {
      guard let policy = SeveralFacesPolicy(rawValue: word) else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter several_faces must be refuse, largest or all.", number: 26)
      }
      options.severalFaces = policy
    }
    if try query.flag("any_quality") == true { options.quality = .none }
    options.allowsDamaged = try query.flag("allow_damaged") ?? false
    options.refusesDoubtful = try query.flag("strict") ?? false
    var box: PixelRect?
    if let text = query["box"] {
      box = PixelRect(text)
      guard box != nil else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameter box must be left,top,width,height in pixels.", number: 26)
      }
    }
    let gallery = try call.gallery
    try call.checkSearchSize(options.detection)
    let prepared = try gallery.prepare(
      .data(call.photos[0], name: nil), as: name, at: box, options: options)
    return {
      let report = try gallery.add(prepared)
      if case .refused(let refusal) = report.outcome { throw HTTPFailure(refusal) }
      call.tellEnrolment(report)
      let record = EnrolmentRecord(report)
      return try .json(record, status: record.result == .added ? 201 : 200)
    }
  }

  private struct NamedEmbeddings: Decodable {
    struct Item: Decodable {
      let name: String
      let embedding: [Float]
    }
    let faces: [Item]
  }

  private static func addEmbeddings(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(NamedEmbeddings.self)
    guard OptionLimits.embeddings.contains(request.faces.count) else {
      throw HTTPFailure(
        400, "bad-parameter", "Send from 1 to \(OptionLimits.embeddings.upperBound) faces.", number: 26)
    }
    let faces = try call.gallery.add(
      try request.faces.map { ($0.name, try Embedding(normalizing: $0.embedding)) })
    call.tellEnrolment(faces)
    return try .json(FaceNumbersRecord(faces), status: 201)
  }
}
