internal import FaceEngine
internal import FaceGallery
internal import Foundation
internal import GalleryRecords
internal import HTTPServing

/// CompreFace's REST API, version 1, as its clients call it; `docs/service.md` says where we answer more.
enum CompreFaceRoutes {
  private typealias Replies = CompreFaceReplies

  static var all: [Route] {
    recognition + examples + subjects + embeddings + [
      Route(
        .post, "/api/v1/detection/detect", access: .role(.read), lane: .uploads,
        parameters: CompreFaceQuery.parameters, body: .photo, handler: detect
      ).passingOverUnknown(),
      Route(
        .post, "/api/v1/verification/verify", access: .role(.read), lane: .uploads,
        parameters: CompreFaceQuery.parameters, body: .photos(["source_image", "target_image"]),
        handler: verifyPhotos
      ).passingOverUnknown(),
    ]
  }

  private static let root = "/api/v1/recognition"

  /// How many subjects are listed, and which.
  private static let candidates = ["prediction_count", "only_known"]

  private static var recognition: [Route] {
    [
      Route(
        .post, "\(root)/recognize", access: .role(.read), lane: .uploads,
        parameters: CompreFaceQuery.parameters + candidates + ["same_name_twice"], body: .photo,
        handler: recognize
      ).passingOverUnknown(),
      Route(
        .post, "\(root)/faces/{image_id}/verify", access: .role(.read), lane: .uploads,
        parameters: CompreFaceQuery.parameters, body: .photo, handler: verifyExample
      ).passingOverUnknown(),
      Route(
        .post, "\(root)/subjects/{subject}/verify", access: .role(.read), lane: .uploads,
        parameters: CompreFaceQuery.parameters, body: .photo, handler: verifySubject
      ).passingOverUnknown(),
    ]
  }

  private static var examples: [Route] {
    [
      Route(
        enrolling: "\(root)/faces", parameters: ["subject"] + CompreFaceQuery.parameters,
        preparing: addExample
      ).passingOverUnknown(),
      Route(
        .get, "\(root)/faces", access: .role(.read), parameters: ["page", "size", "subject", "after"],
        handler: listExamples),
      Route(
        .delete, "\(root)/faces", access: .role(.write), lane: .changes, parameters: ["subject", "purge"],
        handler: deleteExamples),
      Route(
        .delete, "\(root)/faces/{image_id}", access: .role(.write), lane: .changes, parameters: ["purge"]
      ) { call in
        try .json(try deleteExample(call.parameter("image_id"), call))
      },
      Route(
        .post, "\(root)/faces/delete", access: .role(.write), lane: .changes, parameters: ["purge"],
        body: .json(.list(.value))
      ) { call in
        try .json(try deleteExamples(call.request.json([String].self), call))
      },
      Route(.get, "\(root)/faces/{image_id}/img", access: .role(.read), handler: image),
      Route(.get, "/api/v1/static/{api_key}/images/{image_id}", access: .role(.read), handler: image),
    ]
  }

  private static var subjects: [Route] {
    [
      Route(
        .get, "\(root)/subjects", access: .role(.read), parameters: ["name", "where", "after", "size"],
        handler: listSubjects),
      Route(
        .post, "\(root)/subjects", access: .role(.write), lane: .changes, body: .json(.object("subject"))
      ) { call in
        let name = try call.request.json(Replies.SubjectName.self).subject
        let person = try call.gallery.addPerson(named: name)
        return try .json(Replies.SubjectName(subject: person.name), status: 201)
      },
      // CompreFace's own client for Python sends the name in the path a second time.
      Route(
        .put, "\(root)/subjects/{subject}", access: .role(.write), lane: .changes,
        body: .json(.object("subject", "api_endpoint")), handler: renameSubject),
      Route(
        .delete, "\(root)/subjects/{subject}", access: .role(.write), lane: .changes, parameters: ["purge"]
      ) { call in
        let (gallery, purge) = (try call.gallery, try call.purges)
        return try changing(call.parameter("subject"), gallery) { person in
          try gallery.remove(person, purge: purge)
          return try .json(Replies.SubjectName(subject: person.name))
        }
      },
      Route(
        .delete, "\(root)/subjects", access: .role(.write), lane: .changes, parameters: ["purge"]
      ) { call in
        try .json(Replies.Deleted(deleted: try removeAllPeople(call).people))
      },
    ]
  }

  private static var embeddings: [Route] {
    [
      Route(
        .post, "\(root)/embeddings/recognize", access: .role(.read), parameters: candidates,
        body: .json(.object("embeddings")), handler: recognizeEmbeddings),
      Route(
        .post, "\(root)/embeddings/faces/{image_id}/verify", access: .role(.read),
        body: .json(.object("embeddings"))
      ) { call in
        let (face, _) = try example(call.parameter("image_id"), call.gallery)
        guard let stored = try call.gallery.embedding(of: face.id) else { throw noSuchImage }
        let given = try embeddings(call.request.json(Replies.Embeddings.self).embeddings)
        return try .json(similarities(of: stored, to: given, call.gallery))
      },
      Route(
        .post, "/api/v1/verification/embeddings/verify", access: .role(.read),
        body: .json(.object("source", "targets"))
      ) { call in
        let body = try call.request.json(EmbeddingPair.self)
        guard let source = try embeddings([body.source]).first else { throw noEmbedding }
        return try .json(similarities(of: source, to: try embeddings(body.targets), call.gallery))
      },
    ]
  }

  // MARK: Recognition, verification, detection

  private static func recognize(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    let count = try call.request.query.integer("prediction_count", in: OptionLimits.candidates) ?? 1
    let onlyKnown = try call.request.query.flag("only_known") ?? false
    let options = QueryOptions(k: count)
    let seen = try SeenFaces(in: call.photos[0], query, gallery, for: options)
    var answers = try gallery.query(seen.embeddings, options: options)
    if try call.request.query.flag("same_name_twice") != true { answers = Answer.ofOnePhoto(answers) }
    call.tellRecognition(zip(seen.faces, answers).map { ($0.detection, $1) })
    let images = try images(of: answers.flatMap { $0.candidates.map(\.face) }, gallery)
    let result = zip(seen.faces, answers).map { face, answer in
      var reply = Replies.Face(face, query)
      reply.subjects = subjects(answer, images, onlyKnown: onlyKnown)
      reply.known = answer.verdict.isKnown
      reply.ambiguous = answer.verdict.isAmbiguous
      reply.better_face = answer.betterFace
      reply.threshold = answer.threshold
      return reply
    }
    return try .json(
      Replies.Faces(result: result, plugins_versions: seen.versions(query), remarks: seen.remarks(query)))
  }

  /// The ids of faces as images, each with the path of its picture when one is kept.
  private static func images(
    of faces: some Sequence<FaceID>, _ gallery: Gallery
  ) throws -> [FaceID: (id: String, url: String?)] {
    let (gallery, faces, uuid) = (gallery, Set(faces), try gallery.uuid)
    let pictures = try FacePictures(of: faces, in: gallery)
    return Dictionary(
      uniqueKeysWithValues: faces.map { face in
        let id = ImageID.text(of: face, in: uuid)
        return (face, (id, pictures.contains(face) ? "\(root)/faces/\(id)/img" : nil))
      })
  }

  private static func subjects(
    _ answer: Answer, _ images: [FaceID: (id: String, url: String?)], onlyKnown: Bool
  ) -> [Replies.Subject] {
    let scale = CompreFaceSimilarity(answer)
    let listed = onlyKnown ? answer.candidates.prefix(answer.verdict.isKnown ? 1 : 0) : answer.candidates[...]
    return listed.map { match in
      Replies.Subject(
        subject: match.name, similarity: scale.value(match), cosine: match.similarity,
        image_id: images[match.face]?.id, image_url: images[match.face]?.url)
    }
  }

  private static func operatingPoint(_ gallery: Gallery) -> OperatingPoint {
    gallery.engine?.operatingPoint ?? .uncalibrated
  }

  private static func recognizeEmbeddings(_ call: Call) throws -> HTTPResponse {
    let count = try call.request.query.integer("prediction_count", in: OptionLimits.candidates) ?? 1
    let onlyKnown = try call.request.query.flag("only_known") ?? false
    let probes = try embeddings(call.request.json(Replies.Embeddings.self).embeddings)
    let served = try call.served
    let options = QueryOptions(k: count)
    try SearchWork(probes: probes.count, noun: "embeddings", count: "prediction_count")
      .check(options, in: served.gallery)
    let answers = try served.gallery.query(probes, options: options)
    let images = try images(of: answers.flatMap { $0.candidates.map(\.face) }, served.gallery)
    let result = zip(probes, answers).map { probe, answer in
      Replies.EmbeddingAnswer(
        embedding: probe.values, similarities: subjects(answer, images, onlyKnown: onlyKnown),
        known: answer.verdict.isKnown, ambiguous: answer.verdict.isAmbiguous, threshold: answer.threshold)
    }
    return try .json(Replies.EmbeddingAnswers(result: result))
  }

  private static func detect(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    let seen = try SeenFaces(
      in: call.photos[0], query, gallery, embedding: query.plugins.contains(.calculator))
    return try .json(
      Replies.Faces(
        result: seen.faces.map { Replies.Face($0, query) }, plugins_versions: seen.versions(query),
        remarks: seen.remarks(query)))
  }

  private static func verifyExample(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    let (face, _) = try example(call.parameter("image_id"), gallery)
    guard let stored = try gallery.embedding(of: face.id) else { throw noSuchImage }
    let seen = try SeenFaces(in: call.photos[0], query, gallery)
    let result = try compare(seen, with: stored, query, gallery)
    return try .json(
      Replies.Faces(result: result, plugins_versions: seen.versions(query), remarks: seen.remarks(query)))
  }

  private static func verifySubject(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    let person = try person(named: call.parameter("subject"), gallery)
    let seen = try SeenFaces(in: call.photos[0], query, gallery)
    let answers = try gallery.verify(seen.embeddings, as: person.id)
    let images = try images(of: answers.map(\.face), gallery)
    let result = zip(seen.faces, answers).map { face, answer in
      var reply = Replies.Face(face, query)
      (reply.similarity, reply.cosine) = (CompreFaceSimilarity(answer).value(answer), answer.similarity)
      (reply.threshold, reply.same_person) = (answer.threshold, answer.isSamePerson)
      (reply.image_id, reply.image_url) = (images[answer.face]?.id, images[answer.face]?.url)
      return reply
    }
    return try .json(
      Replies.Faces(result: result, plugins_versions: seen.versions(query), remarks: seen.remarks(query)))
  }

  private static func verifyPhotos(_ call: Call) throws -> HTTPResponse {
    let photos = call.photos
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    var largest = query
    largest.detection.maxFaces = 1
    let source = try SeenFaces(in: photos[0], largest, gallery)
    guard let face = source.faces.first, let embedding = source.embeddings.first else {
      throw SeenFaces.noFace
    }
    let targets = try SeenFaces(in: photos[1], query, gallery)
    let verification = Replies.Verification(
      source_image_face: Replies.Face(face, query),
      face_matches: try compare(targets, with: embedding, query, gallery),
      plugins_versions: source.versions(query), remarks: source.remarks(query, with: targets))
    return try .json(Replies.Verifications(result: [verification]))
  }

  private static func compare(
    _ seen: SeenFaces, with embedding: Embedding, _ query: CompreFaceQuery, _ gallery: Gallery
  ) throws -> [Replies.Face] {
    let point = operatingPoint(gallery)
    let scale = CompreFaceSimilarity(point)
    return try zip(seen.faces, seen.embeddings).map { face, other in
      var reply = Replies.Face(face, query)
      let cosine = try Gallery.compare(embedding, other).cosineSimilarity
      (reply.similarity, reply.cosine) = (scale.value(cosine), cosine)
      if point.isCalibrated {
        let threshold = point.threshold(falseMatchRate: OperatingPoint.loosestRate)
        (reply.threshold, reply.same_person) = (threshold, cosine >= threshold)
      }
      return reply
    }
  }

  // MARK: Examples and subjects

  private static func addExample(_ call: Call) throws -> @Sendable () throws -> HTTPResponse {
    guard let name = call.request.query["subject"] else {
      throw HTTPFailure(
        400, "subject-missing", "The parameter subject is missing; name the person.", number: 33)
    }
    let gallery = try call.gallery
    let query = try CompreFaceQuery(call, gallery.engine)
    let photo = call.photos[0]
    let options = EnrolmentOptions(
      detection: query.detection, keepThumbnails: call.service.settings.keepThumbnails)
    let prepared = try gallery.prepare(.data(photo, name: nil), as: name, options: options)
    return {
      let report = try gallery.add(prepared)
      call.tellEnrolment(report)
      switch report.outcome {
      case .added(let faces), .skipped(let faces):
        guard let face = faces.first else { throw SeenFaces.noFace }
        var isNew = false
        if case .added = report.outcome { isNew = true }
        let example = Replies.Example(
          image_id: ImageID.text(of: face, in: try gallery.uuid), subject: report.name ?? name)
        return try .json(example, status: isNew ? 201 : 200)
      case .refused(let refusal): throw HTTPFailure(refusal)
      }
    }
  }

  private static func listExamples(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    // As CompreFace takes them: a page before the first is the first, a size below 1 the usual one.
    let page = min(max(try query.integer("page") ?? 0, 0), 1_000_000_000)
    let size = try pageSize(query) ?? 20
    let gallery = try call.gallery
    let id = try gallery.uuid
    let after = try query["after"].map { text in
      guard query["page"] == nil else {
        throw HTTPFailure(
          400, "bad-parameter", "The parameters page and after contradict each other; send one.", number: 26)
      }
      guard let face = ImageID.face(text, in: id) else { throw Paging.badCursor }
      return face
    }
    // One more says whether others follow.
    let part: FacePage?
    if let name = query["subject"] {
      part = try gallery.person(named: name).flatMap { person in
        try existing {
          try gallery.faces(of: person.id, after: after, offset: page * size, limit: size + 1)
        }
      }
    } else {
      part = try gallery.faces(after: after, offset: page * size, limit: size + 1)
    }
    let (faces, total) = (part?.faces.prefix(size) ?? [], part?.total ?? 0)
    let hasMore = (part?.faces.count ?? 0) > size
    // Whoever is removed while the page is made is left out.
    let examples = try faces.compactMap { face in
      try gallery.person(face.person).map {
        Replies.Example(image_id: ImageID.text(of: face.id, in: id), subject: $0.name)
      }
    }
    return try .json(
      Replies.Examples(
        faces: examples, page_number: page, page_size: size, total_pages: (total + size - 1) / size,
        total_elements: total, next: hasMore ? faces.last.map { ImageID.text(of: $0.id, in: id) } : nil))
  }

  /// The parameter `size` as CompreFace takes it; nil when it is missing or below 1.
  private static func pageSize(_ query: QueryString) throws(HTTPFailure) -> Int? {
    guard let size = try query.integer("size"), size >= 1 else { return nil }
    return min(size, largestPage)
  }

  /// Everybody, as CompreFace lists them, or a page.
  private static func listSubjects(_ call: Call) throws -> HTTPResponse {
    let query = call.request.query
    let size = try pageSize(query)
    let page = try call.gallery.people(
      containing: query["name"], after: query["after"], limit: size.map { $0 + 1 } ?? .max,
      tagged: try SearchSettings.tagConditions(query["where"]))
    let listed = page.people.prefix(size ?? .max)
    return try .json(
      Replies.Subjects(
        subjects: listed.map(\.name), next: listed.count < page.people.count ? listed.last?.name : nil))
  }

  /// Removes everybody, unless the query looks as if somebody had been meant.
  private static func removeAllPeople(_ call: Call) throws -> (people: Int, faces: Int) {
    let query = call.request.query
    guard !query.hasGap else {
      throw HTTPFailure(
        400, "bad-parameter",
        "The request would remove everybody, and has an empty parameter; leave out the question mark, or name a "
          + "subject.", number: 26)
    }
    return try call.gallery.removeAllPeople(purge: call.purges)
  }

  private static func deleteExamples(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    guard let name = call.request.query["subject"] else {
      return try .json(Replies.Deleted(deleted: try removeAllPeople(call).faces))
    }
    let purge = try call.purges
    return try changing(name, gallery) {
      try .json(Replies.Deleted(deleted: try gallery.remove($0, purge: purge)))
    }
  }

  private static func deleteExample(_ id: String, _ call: Call) throws -> Replies.Example {
    let gallery = try call.gallery
    let (face, subject) = try example(id, gallery)
    try gallery.remove(face.id, purge: call.purges)
    return Replies.Example(image_id: id, subject: subject)
  }

  /// Removes in one step those of the examples that are there: ids that are gone already do not stop the others.
  private static func deleteExamples(_ ids: [String], _ call: Call) throws -> [Replies.Example] {
    let (gallery, purge) = (try call.gallery, try call.purges)
    if let place = ids.firstIndex(where: { UUID(uuidString: $0) == nil }) {
      throw HTTPFailure(
        400, "bad-parameter", "Entry \(place + 1) of the list is no id of an image; nothing was deleted.",
        number: 26)
    }
    while true {
      var (examples, faces): ([Replies.Example], Set<FaceID>) = ([], [])
      for id in ids {
        guard let (face, subject) = try existing({ try example(id, gallery) }), faces.insert(face.id).inserted
        else { continue }
        examples.append(Replies.Example(image_id: id, subject: subject))
      }
      if faces.isEmpty { return [] }
      do throws(GalleryError) {
        try gallery.remove(faces, purge: purge)
        return examples
      } catch {
        // Somebody has removed one of them since the look: there are fewer now.
        guard error.code == .noSuchFace else { throw error }
      }
    }
  }

  private static func image(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let (face, _) = try example(call.parameter("image_id"), gallery)
    guard let jpeg = try gallery.thumbnail(of: face.id) else {
      throw HTTPFailure(
        404, "no-picture",
        "No thumbnail of this face was kept: the server keeps none, or kept none then.",
        number: 11)
    }
    return HTTPResponse(headers: ["Content-Type": "image/jpeg"], body: jpeg)
  }

  private static func renameSubject(_ call: Call) throws -> HTTPResponse {
    let gallery = try call.gallery
    let new = try call.request.json(Replies.SubjectName.self).subject
    return try changing(call.parameter("subject"), gallery) { person in
      if let target = try gallery.person(named: new), target.id != person.id {
        try gallery.merge(person, into: target)
      } else {
        try gallery.rename(person, to: new)
      }
      return try .json(Replies.Updated(updated: true))
    }
  }

  // MARK: Looking things up

  /// Looks up who has a name and makes a change. When names have changed between both, that is done again: the person of the name is
  /// the one when the change is made. Names that change a hundred times meanwhile are a 409.
  private static func changing<Result>(
    _ name: String, _ gallery: Gallery, _ change: (Person) throws -> Result
  ) throws -> Result {
    for _ in 0..<100 {
      let person = try person(named: name, gallery)
      do {
        return try change(person)
      } catch let error as GalleryError where [.noSuchPerson, .nameTaken].contains(error.code) {}
    }
    throw HTTPFailure(409, "subject-exists", "The name was taken meanwhile; try again.", number: 43)
  }

  private static func person(named name: String, _ gallery: Gallery) throws -> Person {
    guard let person = try gallery.person(named: name) else {
      throw HTTPFailure(404, "no-such-subject", "Nobody in the gallery has this name.", number: 42)
    }
    return person
  }

  private static func example(_ id: String, _ gallery: Gallery) throws -> (
    face: EnrolledFace, subject: String
  ) {
    guard let face = ImageID.face(id, in: try gallery.uuid) else { throw noSuchImage }
    var before: PersonID?
    while let enrolled = try gallery.face(face) {
      if let person = try gallery.person(enrolled.person) { return (enrolled, person.name) }
      // Its person was merged with another one between both looks, unless it has none.
      if enrolled.person == before { break }
      before = enrolled.person
    }
    throw noSuchImage
  }

  /// What `body` gives; nil when somebody else has removed its person or face meanwhile.
  private static func existing<Value>(_ body: () throws -> Value) throws -> Value? {
    do {
      return try body()
    } catch {
      guard HTTPFailure(cause: error).status == 404 else { throw error }
      return nil
    }
  }

  private static let noSuchImage = HTTPFailure(
    404, "no-such-image", "There is no image with this id in the gallery.", number: 44)
  /// CompreFace's pages have at most so many examples.
  private static let largestPage = 2_000
  private static let noEmbedding = HTTPFailure(
    400, "invalid-embedding", "From 1 to 1000 embeddings are taken.", number: 37)

  // MARK: Embeddings

  private struct EmbeddingPair: Decodable {
    let source: [Float]
    let targets: [[Float]]
  }

  private static func embeddings(_ vectors: [[Float]]) throws -> [Embedding] {
    guard OptionLimits.embeddings.contains(vectors.count) else { throw noEmbedding }
    return try vectors.map { try Embedding(normalizing: $0) }
  }

  private static func similarities(
    of source: Embedding, to targets: [Embedding], _ gallery: Gallery
  ) throws -> Replies.EmbeddingSimilarities {
    let scale = CompreFaceSimilarity(operatingPoint(gallery))
    return Replies.EmbeddingSimilarities(
      result: try targets.map {
        let cosine = try Gallery.compare(source, $0).cosineSimilarity
        return .init(embedding: $0.values, similarity: scale.value(cosine), cosine: cosine)
      })
  }
}
