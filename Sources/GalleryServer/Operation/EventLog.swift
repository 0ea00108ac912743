internal import Foundation
internal import HTTPServing

/// The log: one JSON object a line, with what happened and how long it took, and nothing of whom it was about: no
/// names, no photos, no embeddings, no queries.
public final class EventLog: Sendable {
  /// How much is written.
  public enum Level: String, Sendable, Hashable, CaseIterable {
    /// Nothing.
    case off
    /// Starts, stops and failures.
    case events
    /// Every request too.
    case requests
  }

  private let level: Level
  private let write: @Sendable (String) -> Void
  private let writer: LogWriter?

  /// A log that writes each line with `write`.
  public init(_ level: Level, write: @escaping @Sendable (String) -> Void) {
    (self.level, self.write, writer) = (level, write, nil)
  }

  private init(_ level: Level, writer: LogWriter) {
    self.level = level
    self.writer = writer
    write = { writer.write($0) }
  }

  /// A log that writes nothing.
  public static let silent = EventLog(.off) { _ in }

  /// A log on standard error; lines of different threads do not mix. Nobody waits for its reader: lines for which there is no room
  /// any more are lost, and counted in the log.
  public static func standardError(_ level: Level) -> EventLog {
    EventLog(
      level,
      writer: LogWriter(STDERR_FILENO) { lost in
        let line = Line(time: now, event: "log", message: "\(lost) lines were lost: nobody read the log.")
        return text(line) ?? ""
      })
  }

  /// Waits until all is written, but not for longer than this: the reader may have stopped.
  public func flush(within patience: Duration = .seconds(1)) { writer?.flush(within: patience) }

  private struct Line: Encodable {
    let time: String
    let event: String
    var message: String?
    var request: String?
    var client: String?
    var method: String?
    var route: String?
    var status: Int?
    var milliseconds: Double?
    var received: Int?
    var sent: Int?
    var gallery: String?
    var key: String?
  }

  /// Writes down something that happened to the server.
  public func event(_ event: String, _ message: String? = nil) {
    guard level != .off else { return }
    write(Line(time: Self.now, event: event, message: message))
  }

  func request(
    _ request: HTTPRequest, method: String, pattern: String, status: Int, seconds: Double, sent: Int,
    gallery: String?,
    key: String?
  ) {
    guard level == .requests || (level == .events && status >= 500) else { return }
    write(
      Line(
        time: Self.now, event: "request", request: request.id,
        client: request.client.isEmpty ? nil : request.client,
        method: method, route: pattern, status: status,
        milliseconds: (seconds * 1e6).rounded() / 1e3, received: request.body.count, sent: sent,
        gallery: gallery,
        key: key))
  }

  private func write(_ line: Line) {
    if let text = Self.text(line) { write(text) }
  }

  private static func text(_ line: Line) -> String? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(line)).map { String(decoding: $0, as: UTF8.self) }
  }

  private static var now: String {
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
