import Foundation
import Support

/// Waits for SIGTERM or SIGINT, and hears SIGHUP meanwhile.
final class StopSignal {
  /// From here on the signals do not end the process; without a pipe, for want of file descriptors, they do.
  private let signals = SignalPipe([SIGTERM, SIGINT, SIGHUP])

  /// Returns when the process is to end; calls `reload` at each SIGHUP before.
  func wait(reloading reload: () -> Void) {
    guard let signals else {
      while true { pause() }
    }
    while signals.wait() == SIGHUP { reload() }
  }
}
