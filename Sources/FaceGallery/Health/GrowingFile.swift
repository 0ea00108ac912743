internal import Dispatch
internal import Foundation

/// A file that is being written by somebody else's code.
struct GrowingFile {
  let path: String

  /// Runs `body`, calling `progress` ten times a second, on another thread, with the file's size in bytes.
  func watched<Result>(
    by progress: (@Sendable (Int) -> Void)?, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let progress else { return try body() }
    let queue = DispatchQueue(label: "growing-file")
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + .milliseconds(100), repeating: .milliseconds(100))
    timer.setEventHandler { [path] in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      if let size = attributes?[.size] as? Int { progress(size) }
    }
    timer.resume()
    defer {
      timer.cancel()
      // A call that is under way ends before this returns.
      queue.sync {}
    }
    return try body()
  }
}
