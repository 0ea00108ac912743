internal import FaceGallery
internal import Foundation
internal import HTTPServing
internal import Support

/// A request whose head was accepted: it holds a place until it is released.
final class AdmittedRequest: AcceptedRequest {
  let service: GalleryService
  let head: HTTPRequest
  let hit: Router<Route>.Hit
  let grant: Grant?
  let place: RequestPlace
  let maximumBody: Int
  let began: ContinuousClock.Instant

  var lane: Lane { hit.route.lane }

  init(
    service: GalleryService, head: HTTPRequest, hit: Router<Route>.Hit, grant: Grant?, maximumBody: Int,
    began: ContinuousClock.Instant
  ) throws(HTTPFailure) {
    // Without a key it is the address that shares with others.
    let owner = Owner(group: grant?.gallery.name ?? "", name: grant?.key ?? head.client)
    place = try RequestPlace(in: service.occupancy, for: owner, lane: hit.route.lane)
    self.service = service
    self.head = head
    self.hit = hit
    self.grant = grant
    self.maximumBody = maximumBody
    self.began = began
  }

  func memory(for request: HTTPRequest) -> Int {
    let photos: [Data]
    switch hit.route.body {
    case .photos(let names):
      photos = request.filesThere(names, of: "photo", passingOverUnknown: hit.route.passesOverUnknown)
    // One after the other is worked on.
    case .photoList(let name):
      photos = (try? request.fileList(name, of: "photo").first?.content.get()).map { [$0] } ?? []
    case .none, .json: return 0
    }
    return photos.reduce(0) { sum, photo in
      sum.addingReportingOverflow(memory(for: photo, request)).partialValue
    }
  }

  private func memory(for photo: Data, _ request: HTTPRequest) -> Int {
    ImageDecoder.header(of: photo).map { memory(for: $0, request) } ?? 0
  }

  private func memory(for header: ImageHeader, _ request: HTTPRequest) -> Int {
    // It is refused before it is decoded.
    if let limit = grant?.gallery.gallery.options.decoder.maximumPixels, header.pixels > limit { return 0 }
    // Detection's pyramid takes about as much again as the pixels; measured with a picture of 49 megapixels. Some formats take
    // more while they are decoded.
    let decoded = min(header.pixels, 1 << 40) * max(8, header.bytesPerPixel)
    // What is searched larger than usual: the network takes 44 bytes of each pixel, and the picture 3.
    guard let options = try? DetectionOptions(request.query), options.hasSearchSize,
      let engine = grant?.gallery.gallery.engine,
      let searched = try? engine.searchedPixels(ofWidth: header.width, height: header.height, options)
    else { return decoded }
    return decoded + searched * 48
  }

  /// Refuses what takes more memory than there is for photos.
  private func check(_ memory: Int) throws(HTTPFailure) {
    let limit = service.settings.photoMemory
    guard memory <= limit else {
      throw HTTPFailure(
        413, "too-large",
        "The photo would take \(memory >> 20) MiB while it is worked on, and photos have \(limit >> 20) MiB here; send a smaller one, "
          + "upsample it less (upsampling), or have it searched at a smaller size (search_side).")
    }
  }

  func respond(to request: HTTPRequest) -> Work {
    AuditOrigin.$current.withValue(origin) { work(on: request) }
  }

  /// Who changes the gallery by the request, and by what.
  private var origin: AuditOrigin {
    AuditOrigin(
      who: grant?.key.map { "key:\($0)" } ?? "address:\(head.client)",
      by: "\(hit.route.method.rawValue) \(hit.route.pattern)")
  }

  private func work(on request: HTTPRequest) -> Work {
    do {
      try service.confirm(grant, hit.route.access)
      let photos = try photos(in: request)
      let call = Call(
        request: request, parameters: hit.parameters, photos: photos,
        passedOver: hit.route.passesOverUnknown
          ? request.query.names(without: hit.route.parameters) + request.passedOverFields : [],
        grant: grant, service: service)
      switch hit.route.handler {
      case .reply(let reply): return .done(complete(Result { try reply(call) }, of: request))
      case .preparation(let prepare):
        let change = try prepare(call)
        return .change { [self] in
          complete(
            Result {
              // It may have waited for its turn.
              try service.confirm(grant, hit.route.access)
              return try AuditOrigin.$current.withValue(origin) { try change() }
            }, of: request)
        }
      case .each(let prepare):
        guard case .photoList(let name) = hit.route.body else {
          throw HTTPFailure(500, "internal", "The route takes no list.")
        }
        let files = try request.fileList(name, of: "photo")
        return work(on: files[...], with: try prepare(call), [], of: request)
      }
    } catch {
      return .done(complete(.failure(error), of: request))
    }
  }

  /// Answers the first of some photos, and the others in turns of their own.
  private func work(
    on files: ArraySlice<ListedFile>,
    with answer: @escaping @Sendable (Data) throws -> any Encodable & Sendable,
    _ before: [PhotoReply], of request: HTTPRequest
  ) -> Work {
    guard let file = files.first, Cancellation.current?.isCancelled != true else {
      return .done(complete(Result { try .json(PhotoReplies(photos: before)) }, of: request))
    }
    let reply = PhotoReply(
      photo: file.name,
      answer: Result {
        let photo = try file.content.get()
        try check(memory(for: photo, request))
        return try answer(photo)
      }.mapError { error in
        let failure = HTTPFailure(cause: error)
        if failure.status >= 500 { service.log.event("failure", "\(request.id): \(error)") }
        return failure
      })
    let rest = files.dropFirst()
    guard let next = rest.first else { return work(on: rest, with: answer, before + [reply], of: request) }
    return .part(memory: (try? next.content.get()).map { memory(for: $0, request) } ?? 0) { [self] in
      do throws(HTTPFailure) {
        // It may have waited for its turn.
        try service.confirm(grant, hit.route.access)
      } catch {
        return .done(complete(.failure(error), of: request))
      }
      return work(on: rest, with: answer, before + [reply], of: request)
    }
  }

  /// The reply that tells what came of the request, counted and written down.
  private func complete(_ result: Result<HTTPResponse, any Error>, of request: HTTPRequest) -> HTTPResponse {
    let isWanted = Cancellation.current?.isCancelled != true
    var response: HTTPResponse
    switch result.flatMap(held) {
    case .success(let reply): response = reply
    case .failure(let error):
      let failure = HTTPFailure(cause: error)
      // Work that was given up because the client left is no failure of the server.
      if failure.status >= 500, isWanted { service.log.event("failure", "\(request.id): \(error)") }
      response = failure.response(requestID: request.id)
    }
    if isWanted {
      service.complete(&response, of: request, route: hit.route, grant: grant, began: began)
    } else {
      abandon()
    }
    return response
  }

  /// The reply, with room for a large one until it is sent; what was changed is said in any case.
  private func held(_ reply: HTTPResponse) -> Result<HTTPResponse, any Error> {
    guard reply.body.count > Self.smallReply, !lane.mayWaitToWrite else { return .success(reply) }
    return Result {
      try place.hold(reply.body.count)
      return reply
    }
  }

  /// Replies of up to so many bytes are not counted.
  private static let smallReply = 64 << 10

  /// The photos of a body, after it was checked that it has nothing in it that the route does not know.
  private func photos(in request: HTTPRequest) throws(HTTPFailure) -> [Data] {
    switch hit.route.body {
    case .none:
      guard request.body.isEmpty else {
        throw HTTPFailure(
          400, "bad-body", "No body is taken here, and the request has one; leave it out.", number: 26)
      }
    case .json(let shape): try request.check(shape)
    case .photos(let names):
      let photos = try request.files(
        names, of: "photo", passingOverUnknown: hit.route.passesOverUnknown)
      try check(memory(for: request))
      return photos
    case .photoList(let name): _ = try request.fileList(name, of: "photo")
    }
    return []
  }

  func refuse(_ failure: HTTPFailure) -> HTTPResponse {
    var response = failure.response(requestID: head.id)
    service.complete(&response, of: head, route: hit.route, grant: grant, began: began)
    return response
  }

  func abandon() {
    service.noteAbandoned(head, route: hit.route, grant: grant, began: began)
  }
}
