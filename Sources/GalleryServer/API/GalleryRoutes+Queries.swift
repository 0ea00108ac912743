internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing

extension GalleryRoutes {
  static var queries: [Route] {
    [
      Route(
        .post, "/api/v1/query", access: .role(.read), lane: .uploads,
        parameters: photoQuery, body: .photo
      ) { call in try .json(try photoAnswer(call)(call.photos[0])) },
      Route(
        answeringEach: "/api/v1/query/batch", field: "files", parameters: photoQuery
      ) { call in
        let answer = try photoAnswer(call)
        return { try answer($0) }
      },
      Route(
        .post, "/api/v1/search", access: .role(.read),
        body: .json(.object("embeddings", "k", "group_by", "best", "threshold", "exact", "ef", "where")),
        handler: search),
      Route(
        .post, "/api/v1/people/{person}/verify", access: .role(.read), lane: .uploads,
        parameters: ["best", "threshold"] + DetectionOptions.parameters, body: .photo, handler: verify),
    ]
  }

  /// Says of each face of a photo whether it is the person of the path.
  private static func verify(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    let best = try query.integer("best", in: OptionLimits.facesOfMean)
    let threshold = try query.number("threshold", in: OptionLimits.threshold)
    let (gallery, detection, person) = (try call.gallery, try DetectionOptions(query), try person(call))
    try call.checkSearchSize(detection)
    let picture = try gallery.decoded(.data(call.photos[0], name: nil), for: detection)
    let faces = try gallery.faces(in: picture, detection: detection)
    guard !faces.isEmpty else { throw SeenFaces.noFace }
    let answers = try gallery.verify(
      faces.map(\.embedding), as: person.id, threshold: threshold.map { Float($0) },
      rule: QueryOptions.Rule(faces: best ?? QueryOptions.standardFaces))
    let pictures = try FacePictures(of: answers.map(\.face), in: gallery)
    return try .json(
      ClaimRecord(
        person,
        faces: zip(faces, answers).map {
          ClaimRecord.Face($0.detection, $1, thumbnail: pictures.path(of: $1.face))
        }, remarks: picture.remarks.map(\.message)))
  }

  private static let photoQuery =
    ["k", "group_by", "best", "threshold", "exact", "ef", "where", "same_name_twice", "embedding"]
    + DetectionOptions.parameters

  /// What answers a photo as the request wants it.
  private static func photoAnswer(
    _ call: Call
  ) throws -> @Sendable (Data) throws -> PhotoRecord<ProbeRecord> {
    let query = call.request.query
    let settings = SearchSettings(
      k: try query.integer("k", in: OptionLimits.candidates),
      groupBy: try query["group_by"].map { text in
        guard let grouping = QueryOptions.Grouping(rawValue: text) else {
          throw HTTPFailure(
            400, "bad-parameter", "The parameter group_by must be person or face.", number: 26)
        }
        return grouping
      }, best: try query.integer("best", in: OptionLimits.facesOfMean),
      threshold: try query.number("threshold", in: OptionLimits.threshold), exact: try query.flag("exact"),
      ef: try query.integer("ef", in: OptionLimits.ef),
      conditions: try SearchSettings.conditions(query["where"]))
    let (gallery, detection) = (try call.gallery, try DetectionOptions(query))
    var options = settings.options()
    options.allowsSameNameTwice = try query.flag("same_name_twice") ?? false
    let withEmbeddings = try query.flag("embedding") ?? false
    return { [options] photo in
      try call.checkSearchSize(detection, of: photo)
      let picture = try gallery.decoded(.data(photo, name: nil), for: detection)
      let located = try gallery.located(in: picture, detection: detection)
      try SearchWork(probes: located.count, noun: "faces of the photo (max_faces)", count: "k")
        .check(options, in: gallery)
      let answers = try gallery.query(located: located, options: options)
      call.tellRecognition(answers.map { ($0.face.detection, $0.answer) })
      let pictures = try FacePictures(of: answers.map(\.answer), in: gallery)
      return PhotoRecord(
        faces: answers.map {
          ProbeRecord($0, withEmbedding: withEmbeddings, thumbnail: pictures.path)
        }, remarks: picture.remarks.map(\.message))
    }
  }

  private static func search(_ call: Call) throws -> HTTPResponse {
    let request = try call.request.json(SearchRequest.self)
    guard OptionLimits.embeddings.contains(request.embeddings.count) else {
      throw HTTPFailure(
        400, "bad-parameter", "A search takes from 1 to \(OptionLimits.embeddings.upperBound) embeddings.",
        number: 26)
    }
    let options = try request.settings.checked().options()
    let gallery = try call.gallery
    try SearchWork(probes: request.embeddings.count, noun: "embeddings", count: "k").check(
      options, in: gallery)
    let probes = try request.embeddings.map { try Embedding(normalizing: $0) }
    let answers = try gallery.query(probes, options: options)
    let pictures = try FacePictures(of: answers, in: gallery)
    return try .json(AnswersRecord(answers, thumbnail: pictures.path))
  }

  private struct SearchRequest: Decodable {
    let embeddings: [[Float]]
    let settings: SearchSettings

    private enum CodingKeys: CodingKey { case embeddings }

    init(from decoder: any Decoder) throws {
      embeddings = try decoder.container(keyedBy: CodingKeys.self).decode([[Float]].self, forKey: .embeddings)
      settings = try SearchSettings(from: decoder)
    }
  }
}

extension Call {
  /// Looks at the headers of the photos, so that none is decoded that would be searched larger than the engine can.
  ///
  /// - Throws: The engine's error.
  func checkSearchSize(_ options: DetectionOptions) throws {
    for photo in photos { try checkSearchSize(options, of: photo) }
  }

  /// The same of a photo.
  func checkSearchSize(_ options: DetectionOptions, of photo: Data) throws {
    guard options.hasSearchSize, let engine = try gallery.engine, let header = ImageDecoder.header(of: photo)
    else { return }
    _ = try engine.searchedPixels(ofWidth: header.width, height: header.height, options)
  }
}

extension DetectionOptions {
  /// The parameters of a request that are options.
  static let parameters = ["detect_faces", "max_faces", "min_score", "upsampling", "search_side", "upright"]

  /// Options from a request's ``parameters``.
  init(_ query: QueryString) throws(HTTPFailure) {
    self.init(
      detectFaces: try query.flag("detect_faces") ?? true,
      maxFaces: try query.integer("max_faces", in: OptionLimits.maxFaces),
      upsampling: try query.integer("upsampling", in: OptionLimits.upsampling),
      minimumScore: Float(try query.number("min_score", in: OptionLimits.minimumScore) ?? 0))
    maximumSide = try query.integer("search_side", in: OptionLimits.searchSide)
    tryQuarterTurns = !(try query.flag("upright") ?? false)
  }
}
