internal import Support

/// A request on the threads that work on it; the reply goes back to the loop of its connection.
struct RunningRequest: Sendable {
  let connection: UInt64
  let loop: EventLoop
  let accepted: any AcceptedRequest
  let request: HTTPRequest
  let cancellation: Cancellation

  /// Works on it, unless the client has left; what other parts it has go on in `queue`, a change that is left to do in `changes`.
  func work(in queue: WorkQueue, changes: WorkQueue?) {
    work(in: queue, changes: changes) { accepted.respond(to: request) }
  }

  private func work(in queue: WorkQueue, changes: WorkQueue?, _ body: () -> Work) {
    guard isWanted() else { return }
    switch doing(body) {
    case .done(let response): end(response)
    case .part(let memory, let next):
      queue.enqueue(for: accepted.place.owner, weight: memory, cancellation: cancellation) {
        work(in: queue, changes: changes, next)
      }
    case .change(let change):
      changes?.enqueue(for: accepted.place.owner, cancellation: cancellation) {
        guard isWanted() else { return }
        end(doing(change))
      }
    }
  }

  /// Does a part of the work, which can tell for whom, and whether anybody waits for it.
  private func doing<Result>(_ work: () -> Result) -> Result {
    Owner.$current.withValue(accepted.place.owner) {
      Cancellation.$current.withValue(cancellation, operation: work)
    }
  }

  private func isWanted() -> Bool {
    guard cancellation.isCancelled else { return true }
    accepted.abandon()
    end(nil)
    return false
  }

  private func end(_ response: HTTPResponse?) {
    // In this order: when no work is left, all replies are on their way.
    loop.post(.reply(connection, response))
    accepted.place.endWork()
  }
}
