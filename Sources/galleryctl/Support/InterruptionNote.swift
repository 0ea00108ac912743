import Console
import Foundation

/// Ends the process at Ctrl-C or SIGTERM as it would end anyway, but says first what was kept.
final class InterruptionNote {
  private var sources: [any DispatchSourceSignal] = []

  /// Waits for the signals until it is cancelled.
  init(_ text: String) {
    // A queue of its own has a thread also while others compute on all cores.
    let queue = DispatchQueue(label: "interruption")
    for number in [SIGTERM, SIGINT] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        Terminal.note("\n\(text)\n")
        // By the signal itself, so that shells and supervisors see it; a parent may have blocked it.
        signal(number, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
      }
      source.resume()
      sources.append(source)
    }
  }

  /// From here on the signals end the process without a word.
  func cancel() {
    for source in sources { source.cancel() }
    for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
  }
}
