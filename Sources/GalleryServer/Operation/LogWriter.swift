internal import Foundation
internal import Support

/// Writes lines to a descriptor on a thread of its own: whoever logs never waits for the reader of the log, who may have stopped.
///
/// Lines wait in a bounded queue; those that find it full are lost, and how many were is written when there is room again.
final class LogWriter: Sendable {
  private struct State {
    var lines: [String] = []
    var bytes = 0
    var lost = 0
    /// Whether the thread has taken lines and is writing them.
    var isWriting = false
  }

  /// Lines of at most so many bytes wait.
  private let capacity: Int
  private let state = Monitor(State())
  private let descriptor: Int32
  private let lossLine: @Sendable (Int) -> String
  /// Without a thread whoever logs writes.
  private let hasThread: Bool

  /// - Parameters:
  ///   - descriptor: Where lines are written to, which stays open.
  ///   - lossLine: The line that says how many were lost.
  init(_ descriptor: Int32, capacity: Int = 4 << 20, lossLine: @escaping @Sendable (Int) -> String) {
    (self.descriptor, self.capacity, self.lossLine) = (descriptor, capacity, lossLine)
    let state = state
    hasThread = WorkerThread.start("log", stackBytes: 256 << 10) {
      while true {
        let (lines, lost) = state.withLock(when: { !$0.lines.isEmpty || $0.lost > 0 }) { state in
          let taken = (state.lines, state.lost)
          (state.lines, state.bytes, state.lost, state.isWriting) = ([], 0, 0, true)
          return taken
        }
        for line in lines { Self.write(line, to: descriptor) }
        if lost > 0 { Self.write(lossLine(lost), to: descriptor) }
        state.withLock { $0.isWriting = false }
      }
    }
  }

  /// Hands a line over, without its line feed.
  func write(_ line: String) {
    guard hasThread else { return Self.write(line, to: descriptor) }
    state.withLock { state in
      guard state.bytes + line.utf8.count <= capacity else {
        state.lost += 1
        return
      }
      state.lines.append(line)
      state.bytes += line.utf8.count
    }
  }

  /// Waits until all lines are written, but not for longer than this.
  func flush(within patience: Duration) {
    _ = state.withLock(
      when: { $0.lines.isEmpty && $0.lost == 0 && !$0.isWriting }, until: .now + patience, waking: .nobody
    ) { _ in }
  }

  private static func write(_ line: String, to descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN {
        // A descriptor that was made not to wait.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wanted, 1, -1)
        continue
      }
      // Nobody reads it any more.
      guard count > 0 else { return }
      done += count
    }
  }
}
