internal import Support

/// A header value with parameters, such as `form-data; name="file"; filename="a.jpg"` (RFC 9110, 5.6.6).
struct HeaderParameters: Sendable, Hashable {
  /// What stands before the first semicolon, in lower case.
  let value: String
  private var parameters: [String: String] = [:]
  /// A parameter that has two values.
  private(set) var ambiguous: String?
  /// Whether something in it is no parameter, or ends where nobody knows: programs would understand it differently.
  private(set) var isMalformed = false

  init(_ text: String) {
    var bytes = Array(text.utf8)[...]
    func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
      let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t")]
      let start = bytes.drop { blanks.contains($0) }
      let end = start.lastIndex { !blanks.contains($0) }.map { start[...$0] } ?? []
      return String(decoding: end, as: UTF8.self)
    }
    let semicolon = UInt8(ascii: ";")
    let head = bytes.prefix { $0 != semicolon }
    value = trimmed(head).asciiLowercased()
    bytes = bytes.dropFirst(head.count)
    while bytes.first == semicolon {
      bytes = bytes.dropFirst()
      let name = bytes.prefix { $0 != UInt8(ascii: "=") && $0 != semicolon }
      bytes = bytes.dropFirst(name.count)
      let key = trimmed(name).asciiLowercased()
      guard bytes.first == UInt8(ascii: "=") else {
        if !key.isEmpty { isMalformed = true }
        continue
      }
      if key.isEmpty || !key.utf8.allSatisfy(Byte.isToken) { isMalformed = true }
      bytes = bytes.dropFirst()
      var text: [UInt8] = []
      if bytes.first == UInt8(ascii: "\"") {
        bytes = bytes.dropFirst()
        var isClosed = false
        while let byte = bytes.popFirst() {
          if byte == UInt8(ascii: "\"") {
            isClosed = true
            break
          }
          if byte == UInt8(ascii: "\\"), let escaped = bytes.popFirst() {
            text.append(escaped)
          } else {
            text.append(byte)
          }
        }
        let rest = bytes.prefix { $0 != semicolon }
        if !isClosed || !trimmed(rest).isEmpty { isMalformed = true }
        bytes = bytes.dropFirst(rest.count)
      } else {
        let plain = bytes.prefix { $0 != semicolon }
        text = Array(trimmed(plain).utf8)
        if text.isEmpty || text.contains(UInt8(ascii: "\"")) { isMalformed = true }
        bytes = bytes.dropFirst(plain.count)
      }
      if text.contains(where: { $0 < 0x20 || $0 == 0x7F }) { isMalformed = true }
      let value = String(decoding: text, as: UTF8.self)
      if let before = parameters.updateValue(value, forKey: key), before != value { ambiguous = key }
    }
  }

  subscript(_ name: String) -> String? { parameters[name] }
}
