internal import Glibc

/// Names and paths as text. They are bytes to the system, and need not be UTF-8: a byte that is none is written `\xFC`, and so is, in a
/// name that has something like it in it already, every backslash (`\x5C`). So two names never have the same text.
public enum PathText {
  /// The text of a name or path; one that is UTF-8, and has nothing like `\xFC` in it, is its own text.
  public static func text(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !hasEscape(text) { return text }
    var text = ""
    var rest = Array(bytes)[...]
    while let byte = rest.first {
      // No character of UTF-8 takes more than four bytes.
      let length =
        byte == UInt8(ascii: "\\") ? nil : (1...min(4, rest.count)).first { isCharacter(rest.prefix($0)) }
      if let length {
        text += String(decoding: rest.prefix(length), as: UTF8.self)
      } else {
        text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
      rest.removeFirst(length ?? 1)
    }
    return text
  }

  /// Whether a text has something in it that ``text(_:)`` writes for a byte that is no UTF-8, so that two names which differ for
  /// the system may be one text.
  public static func hasUndecoded(_ text: String) -> Bool {
    hasBackslash(text) && plain(text) == nil
  }

  /// Whether the bytes of a text are others than they would be of a plain text: it has something like `\xFC` in it.
  public static func hasEscape(_ text: String) -> Bool {
    hasBackslash(text) && bytes(text) != Array(text.utf8)
  }

  // By bytes: as a character a backslash may have another one before it.
  private static func hasBackslash(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: "\\")) }

  /// The text that was written when ``text(_:)`` gave `text`; nil when that was no UTF-8.
  public static func plain(_ text: String) -> String? { String(validating: bytes(text), as: UTF8.self) }

  /// The words that the program was started with, its own name first.
  public static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { place in
      // The system hands over `argc` words, each ending in NUL.
      CommandLine.unsafeArgv[place].map { text(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
  }

  /// A variable of the environment; nil where it is not set.
  public static func environment(_ name: String) -> String? {
    // The value ends in NUL, and nobody here sets variables while others read them.
    getenv(name).map { text(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
  }

  /// The path that a text means, for the system: its bytes, ending in NUL.
  public static func system(_ text: String) -> [CChar] {
    hasEscape(text) ? bytes(text).map(CChar.init(bitPattern:)) + [0] : Array(text.utf8CString)
  }

  /// The bytes that ``text(_:)`` wrote as `text`.
  static func bytes(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.dropFirst().prefix(2)
      guard byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"), digits.count == 2,
        let digit = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      else {
        bytes.append(byte)
        continue
      }
      bytes.append(digit)
      rest = rest.dropFirst(3)
    }
    return bytes
  }

  private static func isCharacter(_ bytes: some Collection<UInt8>) -> Bool {
    String(validating: bytes, as: UTF8.self)?.unicodeScalars.count == 1
  }
}
