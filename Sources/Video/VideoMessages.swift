/// What ffmpeg writes to standard error: the times of the frames that it sends, and what it found wrong. Bounded, whatever it writes.
struct VideoMessages {
  /// Seconds of frames that were announced and not taken yet, in the frames' order.
  private(set) var times: [Double] = []
  /// The first thing that was wrong.
  private(set) var firstError: String?
  /// Whether a stream of pictures was asked for and there is none.
  private(set) var hasNoPicture = false

  private var line: [UInt8] = []

  /// More of a line are dropped.
  private static let mostBytesOfLine = 2048
  /// More frames than these are never on their way.
  private static let mostTimes = 1 << 16
  private static let mostCharacters = 200

  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
        if line.count < Self.mostBytesOfLine { line.append(byte) }
      } else if !line.isEmpty {
        read(String(decoding: line, as: UTF8.self))
        line.removeAll(keepingCapacity: true)
      }
    }
  }

  /// The time of the next frame; nil when it was not announced yet.
  mutating func takeTime() -> Double? { times.isEmpty ? nil : times.removeFirst() }

  private mutating func read(_ line: String) {
    if line.hasPrefix("[Parsed_showinfo_") {
      guard let place = line.firstRange(of: " pts_time:") else { return }
      let text = line[place.upperBound...].prefix { $0 != " " }
      // A frame without a time has that of the one before, which the reader knows.
      if times.count < Self.mostTimes { times.append(Double(text) ?? .nan) }
      return
    }
    let message = Self.withoutSources(line)
    for level in ["[error] ", "[fatal] ", "[panic] "] where message.hasPrefix(level) {
      let text = String(message.dropFirst(level.count).prefix(Self.mostCharacters))
      if text.contains("matches no streams") { hasNoPicture = true }
      if firstError == nil { firstError = text }
      return
    }
  }

  /// A line without what it comes from, such as `[h264 @ 0x55d0c8]`, of which there are two at most. Only what follows is the
  /// level: titles and other texts of the file stand behind it.
  private static func withoutSources(_ line: String) -> Substring {
    var rest = line[...]
    for _ in 0..<2 {
      guard rest.hasPrefix("["), let end = rest.firstRange(of: "] "), let at = rest.firstRange(of: " @ "),
        at.upperBound < end.lowerBound
      else { break }
      let address = rest[at.upperBound..<end.lowerBound]
      guard address.utf8.allSatisfy({ $0 == UInt8(ascii: "x") || Character(Unicode.Scalar($0)).isHexDigit })
      else {
        break
      }
      rest = rest[end.upperBound...]
    }
    return rest
  }
}
