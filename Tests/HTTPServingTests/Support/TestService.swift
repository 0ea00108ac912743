import Foundation
import HTTPServing
import Synchronization

/// A service that says what it got: the path's last word chooses the lane, `X-Owner` who asks.
final class TestService: HTTPService {
  let limits: Limits
  let occupancy: Occupancy
  /// Requests whose clients left.
  var abandonedCount: Int { abandoned.load(ordering: .relaxed) }
  fileprivate let abandoned = Atomic(0)
  let events = Mutex<[String]>([])
  /// Called before each request is answered, on its lane.
  let hook: @Sendable (HTTPRequest) -> Void
  /// Called before what an enrolment changes.
  let changeHook: @Sendable (HTTPRequest) -> Void

  init(
    _ limits: Limits = .patient, hook: @escaping @Sendable (HTTPRequest) -> Void = { _ in },
    changeHook: @escaping @Sendable (HTTPRequest) -> Void = { _ in }
  ) {
    self.limits = limits
    self.hook = hook
    self.changeHook = changeHook
    occupancy = Occupancy(limits)
  }

  func admit(_ head: HTTPRequest) -> Admission {
    do throws(HTTPFailure) { return .accepted(try TestRequest(self, head)) } catch {
      return .answered(error.response(requestID: head.id))
    }
  }

  func refuse(_ failure: HTTPFailure, _ request: HTTPRequest) -> HTTPResponse {
    failure.response(requestID: request.id)
  }

  func note(_ event: String, _ message: String?) { events.withLock { $0.append(event) } }
}

private final class TestRequest: AcceptedRequest {
  let place: RequestPlace
  let lane: Lane
  let maximumBody: Int
  private let service: TestService

  init(_ service: TestService, _ head: HTTPRequest) throws(HTTPFailure) {
    self.service = service
    let lanes: [Substring: Lane] = ["photo": .uploads, "store": .reads, "enrol": .storedUploads]
    lane = lanes[head.path.split(separator: "/").last ?? ""] ?? .immediate
    maximumBody = service.limits.uploadBytes
    let words = (head.headers["X-Owner"] ?? "").split(separator: "/").map(String.init)
    place = try RequestPlace(
      in: service.occupancy, for: Owner(group: words.first ?? "", name: words.last ?? ""), lane: lane)
  }

  func memory(for request: HTTPRequest) -> Int { Int(request.headers["X-Memory"] ?? "") ?? 1 }

  func respond(to request: HTTPRequest) -> Work {
    service.hook(request)
    let text =
      "\(request.method.rawValue) \(request.path) \(String(decoding: request.body, as: UTF8.self))"
    let parts = Int(request.headers["X-Parts"] ?? "") ?? 1
    guard parts == 1 else { return part(parts, text, request) }
    guard lane == .storedUploads else { return .done(.text(text)) }
    return .change { [service] in
      service.changeHook(request)
      return .text(text)
    }
  }

  /// What is left to do after a part: so many parts with it.
  private func part(_ count: Int, _ text: String, _ request: HTTPRequest) -> Work {
    guard count > 1 else { return .done(.text(text)) }
    return .part(memory: memory(for: request)) { [self] in
      service.hook(request)
      return part(count - 1, text, request)
    }
  }

  func refuse(_ failure: HTTPFailure) -> HTTPResponse { failure.response(requestID: "") }

  func abandon() { service.abandoned.add(1, ordering: .relaxed) }
}

extension HTTPServer {
  /// A server at a free port.
  static func start(_ service: TestService, _ change: (inout ServerSettings) -> Void = { _ in }) throws
    -> HTTPServer
  {
    var settings = ServerSettings()
    settings.port = 0
    change(&settings)
    return try HTTPServer(service, settings)
  }
}

extension Limits {
  /// Time for every client, however slow the machine is: what tests of slow senders hold open stays open.
  static let patient: Limits = {
    var limits = Limits()
    limits.receiveSeconds = 600
    limits.idleSeconds = 600
    limits.halfClosedSeconds = 600
    return limits
  }()
}
