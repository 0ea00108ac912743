public import Foundation

/// Which members the objects of a JSON body may have; what their values are is the decoder's affair.
public indirect enum JSONShape: Sendable, Hashable {
  /// Any value, with objects of any members.
  case value
  /// An array of such values.
  case list(JSONShape)
  /// An object with these members, each of which may be missing.
  case object([String: JSONShape])

  /// An object with these members, of any value.
  public static func object(_ names: String...) -> JSONShape {
    .object(Dictionary(uniqueKeysWithValues: names.map { ($0, .value) }))
  }

  /// Checks that a body has no other members, and none twice.
  ///
  /// Of a value that is not JSON, or of another type than the shape's, the decoder says so.
  /// - Throws: ``HTTPFailure`` 400 that names the first member that may not be there.
  /// - Complexity: O(bytes).
  public func check(_ body: Data) throws(HTTPFailure) {
    var scanner = JSONMemberScanner(bytes: [UInt8](body))
    try scanner.value(self, path: "", depth: 0)
  }
}

/// Walks over JSON and looks at nothing but the names of members.
private struct JSONMemberScanner {
  /// Foundation's decoder goes as deep.
  private static let maximumDepth = 512

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
    // A mark of UTF-8 in front.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func value(_ shape: JSONShape, path: String, depth: Int) throws(HTTPFailure) {
    guard depth < Self.maximumDepth else { throw Self.malformed("it is nested too deeply") }
    switch nextByte() {
    case UInt8(ascii: "{"): try object(shape, path: path, depth: depth)
    case UInt8(ascii: "["): try array(shape, path: path, depth: depth)
    case UInt8(ascii: "\""): _ = try string()
    case nil: throw Self.malformed("it ends too early")
    case let byte? where Self.isStartOfWord(byte): skipWord()
    // The decoder would read other encodings of Unicode, too.
    default: throw Self.malformed("it is not in UTF-8, or has no value where one belongs")
    }
  }

  private mutating func object(_ shape: JSONShape, path: String, depth: Int) throws(HTTPFailure) {
    let members: [String: JSONShape]? = if case .object(let members) = shape { members } else { nil }
    var seen: Set<String> = []
    position += 1
    if nextByte() == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      guard nextByte() == UInt8(ascii: "\"") else { throw Self.malformed("a member has no name") }
      let name = try name(try string())
      let place = path.isEmpty ? name : "\(path).\(name)"
      guard seen.insert(name).inserted else {
        throw HTTPFailure(400, "bad-json", "The member \(place.prefix(200)) is there twice.", number: 26)
      }
      guard nextByte() == UInt8(ascii: ":") else { throw Self.malformed("a member has no value") }
      position += 1
      if let members {
        guard let inner = members[name] else {
          throw HTTPFailure(
            400, "bad-json",
            "The member \(place.prefix(200)) is not known here"
              + (members.isEmpty ? "." : "; known are \(members.keys.sorted().joined(separator: ", "))."),
            number: 26)
        }
        try value(inner, path: place, depth: depth + 1)
      } else {
        try value(.value, path: place, depth: depth + 1)
      }
      if try isLast(UInt8(ascii: "}")) { return }
    }
  }

  private mutating func array(_ shape: JSONShape, path: String, depth: Int) throws(HTTPFailure) {
    let inner: JSONShape = if case .list(let inner) = shape { inner } else { .value }
    position += 1
    if nextByte() == UInt8(ascii: "]") {
      position += 1
      return
    }
    var index = 0
    while true {
      // Most arrays are of numbers, whose places nobody wants to know.
      let isWithin = inner != .value || nextByte() == UInt8(ascii: "{") || nextByte() == UInt8(ascii: "[")
      try value(inner, path: isWithin ? "\(path)[\(index)]" : path, depth: depth + 1)
      index += 1
      if try isLast(UInt8(ascii: "]")) { return }
    }
  }

  /// Goes behind a comma, or behind the end of an object or array.
  private mutating func isLast(_ end: UInt8) throws(HTTPFailure) -> Bool {
    let byte = nextByte()
    guard byte == end || byte == UInt8(ascii: ",") else { throw Self.malformed("a comma is missing") }
    position += 1
    return byte == end
  }

  /// The byte after white space, where the scanner then is.
  private mutating func nextByte() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): position += 1
      default: return bytes[position]
      }
    }
    return nil
  }

  /// Goes behind a text, and gives its bytes with the quotation marks.
  private mutating func string() throws(HTTPFailure) -> ArraySlice<UInt8> {
    let start = position
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return bytes[start..<position]
      case UInt8(ascii: "\\"): position += 2
      default: position += 1
      }
    }
    throw Self.malformed("a text has no end")
  }

  /// Whether a number or a literal may begin so.
  private static func isStartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"),
      UInt8(ascii: "n"):
      true
    default: false
    }
  }

  /// Goes behind a number or a literal, or whatever stands there instead.
  private mutating func skipWord() {
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: " "), UInt8(ascii: "\t"),
        UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        return
      default: position += 1
      }
    }
  }

  private func name(_ text: ArraySlice<UInt8>) throws(HTTPFailure) -> String {
    // With escapes, the decoder's reading counts.
    let name =
      text.contains(UInt8(ascii: "\\"))
      ? try? JSONDecoder().decode(String.self, from: Data(text))
      : String(validating: text.dropFirst().dropLast(), as: UTF8.self)
    guard let name else { throw Self.malformed("a member's name cannot be read") }
    return name
  }

  private static func malformed(_ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-json", "The body is not JSON: \(what).", number: 26)
  }
}
