public import Foundation

/// Another library's index in a Python process of its own, told by lines what to do.
///
/// Only one side works at a time: a call here returns when the peer is done.
public final class PeerWorker {
  /// What the peer says of itself once its index is there.
  public struct Ready: Decodable, Sendable {
    /// The package's version.
    public let version: String
    /// CPU and wall seconds of the build, whenever it was done, and the threads it used.
    public let buildCPU: Double, buildWall: Double, threads: Int
    /// Whether the index was loaded instead of built.
    public let cached: Bool
    /// By how many bytes the process grew.
    public let memory: Int
  }

  /// What one task took.
  public struct Timing: Decodable, Sendable {
    /// CPU seconds of all threads.
    public let cpu: Double
    /// Seconds on the wall.
    public let wall: Double
  }

  private struct Failure: Decodable { let error: String }

  /// The peer's name.
  public let name: String
  /// What the peer said once its index was there.
  public private(set) var ready = Ready(
    version: "", buildCPU: 0, buildWall: 0, threads: 1, cached: false, memory: 0)
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let results: URL
  private var pending = Data()

  /// Starts a peer and waits until its index is built or loaded.
  ///
  /// - Parameters:
  ///   - python: the interpreter of the peers' virtual environment.
  ///   - script: `worker.py`.
  ///   - cache: where built indexes are kept; `nil` to build each time.
  /// - Throws: ``InputError`` when the peer cannot be started or fails.
  public init(
    _ name: String, python: URL, script: URL, base: URL, queries: URL, score: Score, cache: URL?,
    rebuild: Bool = false
  ) throws(InputError) {
    self.name = name
    results = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID()).ids")
    guard FileManager.default.isExecutableFile(atPath: python.path) else {
      throw InputError("\(python.path) is not there: run Benchmarks/peers/setup.sh first.")
    }
    process.executableURL = python
    process.arguments =
      [script.path, name, "--base", base.path, "--queries", queries.path, "--metric", score.rawValue]
      + (cache.map { ["--cache", $0.path] } ?? []) + (rebuild ? ["--rebuild"] : [])
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch {
      throw InputError("\(name) cannot be started: \(error.localizedDescription)")
    }
    ready = try decode(Ready.self, readLine())
  }

  deinit {
    if process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: results)
  }

  /// Answers the first `count` queries by the peer's graph with an effort.
  ///
  /// - Throws: ``InputError`` with the peer's own message.
  public func search(effort: Int, k: Int, count: Int) throws(InputError) -> Timing {
    try ask(#"{"search": \#(effort), "k": \#(k), "count": \#(count)}"#)
  }

  /// Answers the first `count` queries by the peer's exact scan, `batch` at a time.
  ///
  /// - Throws: ``InputError`` with the peer's own message.
  public func exact(batch: Int, k: Int, count: Int) throws(InputError) -> Timing {
    try ask(#"{"exact": \#(batch), "k": \#(k), "count": \#(count)}"#)
  }

  /// The ids that the peer's graph finds.
  ///
  /// - Throws: ``InputError`` with the peer's own message.
  public func answers(effort: Int, k: Int, count: Int) throws(InputError) -> (ids: [[Int]], timing: Timing) {
    let timing = try ask(
      #"{"search": \#(effort), "k": \#(k), "count": \#(count), "ids": "\#(results.path)"}"#)
    let data = FileManager.default.contents(atPath: results.path) ?? Data()
    guard data.count == count * k * 4 else {
      throw InputError("\(name) answered \(data.count / 4) ids for \(count) queries of \(k).")
    }
    let ids = data.withUnsafeBytes { source in
      (0..<count * k).map {
        Int(Int32(littleEndian: source.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self)))
      }
    }
    return ((0..<count).map { Array(ids[$0 * k..<($0 + 1) * k]) }, timing)
  }

  /// Loads the saved index anew and answers one query.
  ///
  /// - Throws: ``InputError`` with the peer's own message.
  public func load() throws(InputError) -> Timing { try ask(#"{"load": true}"#) }

  private func ask(_ request: String) throws(InputError) -> Timing {
    do { try input.fileHandleForWriting.write(contentsOf: Data((request + "\n").utf8)) } catch {
      throw InputError("\(name) has ended: see its message above.")
    }
    return try decode(Timing.self, readLine())
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ line: Data) throws(InputError) -> Value {
    if let value = try? JSONDecoder().decode(type, from: line) { return value }
    let reason = (try? JSONDecoder().decode(Failure.self, from: line))?.error
    throw InputError("\(name) failed: \(reason ?? "it ended without an answer; see its message above").")
  }

  private func readLine() -> Data {
    while true {
      if let end = pending.firstIndex(of: 0x0A) {
        let line = Data(pending[pending.startIndex..<end])
        pending = Data(pending[pending.index(after: end)...])
        return line
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return Data() }
      pending += more
    }
  }
}
