internal import Dispatch

/// Work that is done again and again, on a thread of the system's, until the object is gone.
final class RegularWork: Sendable {
  // Only resumed and cancelled, which a source takes from any thread.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  init(everySeconds seconds: Int, _ work: @escaping @Sendable () -> Void) {
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "regular-work", qos: .utility))
    timer.schedule(deadline: .now() + .seconds(seconds), repeating: .seconds(seconds), leeway: .seconds(10))
    timer.setEventHandler(handler: work)
    timer.resume()
  }

  deinit { timer.cancel() }
}
