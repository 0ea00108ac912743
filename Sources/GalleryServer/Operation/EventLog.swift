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

  /// A log that writes each line with `write`.
  public init(_ level: Level, write: @escaping @Sendable (String) -> Void) {
    self.level = level
    self.write = write
  }

  /// A log that writes nothing.
  public static let silent = EventLog(.off) { _ in }

  /// A log on standard error; lines of different threads do not mix.
  public static func standardError(_ level: Level) -> EventLog {
    EventLog(level) { line in
      let bytes = Array((line + "\n").utf8)
      _ = bytes.withUnsafeBytes { unsafe(STDERR_FILENO, $0) }
    }
  }

  private static func unsafe(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    Foundation.write(descriptor, bytes.baseAddress, bytes.count)
  }

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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(line) else { return }
    write(String(decoding: data, as: UTF8.self))
  }

  private static var now: String {
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }
}
