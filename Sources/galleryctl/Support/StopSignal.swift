import Foundation
import Synchronization

/// Waits for SIGTERM or SIGINT, and hears SIGHUP meanwhile.
final class StopSignal {
  private final class Events: Sendable {
    let semaphore = DispatchSemaphore(value: 0)
    let isOver = Atomic(false)
  }

  private let events = Events()
  private var sources: [any DispatchSourceSignal] = []

  /// From here on the signals do not end the process.
  init() {
    for number in [SIGTERM, SIGINT, SIGHUP] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [events] in
        if number != SIGHUP { events.isOver.store(true, ordering: .relaxed) }
        events.semaphore.signal()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Returns when the process is to end; calls `reload` at each SIGHUP before.
  func wait(reloading reload: () -> Void) {
    while true {
      events.semaphore.wait()
      if events.isOver.load(ordering: .relaxed) { return }
      reload()
    }
  }
}
