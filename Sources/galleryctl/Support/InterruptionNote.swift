import Console
import Foundation
import Support

/// Ends the process at Ctrl-C or SIGTERM as it would end anyway, but says first what was kept.
final class InterruptionNote {
  private let signals: SignalPipe?

  /// Waits for the signals until it is cancelled; without a thread to wait on, they end the process without a word.
  init(_ text: String) {
    let signals = SignalPipe([SIGTERM, SIGINT])
    self.signals = signals
    guard let signals else { return }
    let starts = WorkerThread.start("interruption") {
      guard let number = signals.wait() else { return }
      Terminal.note("\n\(text)\n")
      // By the signal itself, so that shells and supervisors see it; a parent may have blocked it.
      signal(number, SIG_DFL)
      var set = sigset_t()
      sigemptyset(&set)
      sigaddset(&set, number)
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      raise(number)
    }
    if !starts { signals.cancel() }
  }

  /// From here on the signals end the process without a word.
  func cancel() { signals?.cancel() }
}
