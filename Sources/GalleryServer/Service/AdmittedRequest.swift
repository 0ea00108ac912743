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
    switch hit.route.body {
    case .photos(let names):
      request.filesThere(names, of: "photo").reduce(0) {
        $0.addingReportingOverflow(Self.memory(for: $1)).partialValue
      }
    // One after the other is worked on.
    case .photoList(let name):
      (try? request.fileList(name, of: "photo").first?.content.get()).map(Self.memory) ?? 0
    case .none, .json: 0
    }
  }

  private static func memory(for photo: Data) -> Int {
    // Detection's pyramid takes about as much again as the pixels; measured with a picture of 49 megapixels. Some formats take
    // more while they are decoded.
    let detection = 8
    guard let header = ImageDecoder.header(of: photo) else { return 0 }
    return min(header.pixels, 1 << 32) * max(detection, header.bytesPerPixel)
  }

  func respond(to request: HTTPRequest) -> Work {
    do {
      try service.confirm(grant, hit.route.access)
      let photos = try photos(in: request)
      let call = Call(
        request: request, parameters: hit.parameters, photos: photos, grant: grant, service: service)
      switch hit.route.handler {
      case .reply(let reply): return .done(complete(Result { try reply(call) }, of: request))
      case .preparation(let prepare):
        let change = try prepare(call)
        return .change { [self] in
          complete(
            Result {
              // It may have waited for its turn.
              try service.confirm(grant, hit.route.access)
              return try change()
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
      answer: Result { try answer(try file.content.get()) }.mapError { error in
        let failure = HTTPFailure(cause: error)
        if failure.status >= 500 { service.log.event("failure", "\(request.id): \(error)") }
        return failure
      })
    let rest = files.dropFirst()
    guard let next = rest.first else { return work(on: rest, with: answer, before + [reply], of: request) }
    return .part(memory: (try? next.content.get()).map(Self.memory) ?? 0) { [self] in
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
    switch result {
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

  /// The photos of a body, after it was checked that it has nothing in it that the route does not know.
  private func photos(in request: HTTPRequest) throws(HTTPFailure) -> [Data] {
    switch hit.route.body {
    case .none:
      guard request.body.isEmpty else {
        throw HTTPFailure(
          400, "bad-body", "No body is taken here, and the request has one; leave it out.", number: 26)
      }
    case .json(let shape): try request.check(shape)
    case .photos(let names): return try request.files(names, of: "photo")
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
