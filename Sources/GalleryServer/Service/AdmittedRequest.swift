internal import HTTPServing

/// A request whose head was accepted: it holds a place until it is finished.
final class AdmittedRequest: AcceptedRequest {
  let service: GalleryService
  let head: HTTPRequest
  let hit: Router<Route>.Hit
  let grant: Grant?
  /// The greatest body that is taken.
  let maximumBody: Int
  let began: ContinuousClock.Instant
  private let reserved: Int

  var lane: Lane { hit.route.lane }

  init(
    service: GalleryService, head: HTTPRequest, hit: Router<Route>.Hit, grant: Grant?, maximumBody: Int,
    expectedBody: Int, began: ContinuousClock.Instant
  ) throws(HTTPFailure) {
    reserved = min(expectedBody, maximumBody)
    try service.occupancy.enter(photos: hit.route.lane == .photos ? 1 : 0, bytes: reserved)
    self.service = service
    self.head = head
    self.hit = hit
    self.grant = grant
    self.maximumBody = maximumBody
    self.began = began
  }

  deinit { service.occupancy.leave(photos: lane == .photos ? 1 : 0, bytes: reserved) }

  /// The reply; on a thread of the request's lane.
  func respond(to request: HTTPRequest) -> HTTPResponse {
    let call = Call(request: request, parameters: hit.parameters, grant: grant, service: service)
    var response: HTTPResponse
    do {
      response = try hit.route.handler(call)
    } catch {
      let failure = HTTPFailure(cause: error)
      if failure.status >= 500 { service.log.event("failure", "\(request.id): \(error)") }
      response = failure.response(requestID: request.id)
    }
    service.complete(&response, of: request, route: hit.route, grant: grant, began: began)
    return response
  }

  /// The reply when nothing comes of it after all, as with a body that is larger than the route takes.
  func refuse(_ failure: HTTPFailure) -> HTTPResponse {
    var response = failure.response(requestID: head.id)
    service.complete(&response, of: head, route: hit.route, grant: grant, began: began)
    return response
  }

  /// Notes that the client went away before its request was complete.
  func abandon() {
    service.noteAbandoned(head, route: hit.route, grant: grant, began: began)
  }
}
