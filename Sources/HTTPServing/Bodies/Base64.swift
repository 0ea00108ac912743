public import Foundation

/// Base64 (RFC 4648), as JSON bodies carry files.
public enum Base64 {
  /// The bytes of a text in the standard or the URL-safe alphabet, with or without padding, line breaks, and a
  /// `data:image/jpeg;base64,` in front.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - noun: What the bytes are, for whoever sent them.
  /// - Throws: ``HTTPFailure`` 400 for anything else, and for no bytes at all.
  /// - Complexity: O(length).
  public static func decode(_ text: String, of noun: String = "file") throws(HTTPFailure) -> Data {
    var malformed: HTTPFailure {
      HTTPFailure(400, "bad-base64", "The \(noun) is not base64; send it in that encoding.", number: 21)
    }
    var characters = text.utf8[...]
    if text.hasPrefix("data:") {
      guard let comma = characters.prefix(256).firstIndex(of: UInt8(ascii: ",")),
        text[..<comma].hasSuffix(";base64")
      else { throw malformed }
      characters = characters[characters.index(after: comma)...]
    }
    var bytes = Data(capacity: characters.count / 4 * 3 + 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in characters {
      let value = values[Int(character)]
      if value < 64 {
        guard padding == 0 else { throw malformed }
        bits = bits << 6 | UInt32(value)
        count += 1
        if count == 4 {
          bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
          bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
          bytes.append(UInt8(truncatingIfNeeded: bits))
          count = 0
        }
      } else if value == Self.pad {
        padding += 1
      } else if value != Self.blank {
        throw malformed
      }
    }
    guard count != 1, padding == 0 || count + padding == 4 else { throw malformed }
    if count >= 2 { bytes.append(UInt8(truncatingIfNeeded: bits >> (count == 2 ? 4 : 10))) }
    if count == 3 { bytes.append(UInt8(truncatingIfNeeded: bits >> 2)) }
    guard !bytes.isEmpty else { throw malformed }
    return bytes
  }

  private static let pad: UInt8 = 64
  private static let blank: UInt8 = 65
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 255, count: 256)
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
    values[Int(UInt8(ascii: "-"))] = 62
    values[Int(UInt8(ascii: "_"))] = 63
    values[Int(UInt8(ascii: "="))] = pad
    for character in " \t\r\n".utf8 { values[Int(character)] = blank }
    return values
  }()
}
