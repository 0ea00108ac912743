/// Reads JSON value by value from bytes in memory, without building a tree of them.
///
/// - Note: The bytes must outlive the scanner.
struct JSONScanner {
  /// What is wrong, and where.
  struct Malformed: Error {
    let offset: Int
    let what: String
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  let end: Int
  private var depth = 0

  /// Deeper than this nothing that anybody writes is nested, and each level takes a part of the thread's stack.
  private static let maximumDepth = 512

  init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    offset = start
    self.end = end ?? bytes.count
  }

  /// The next byte that is no white space; nil at the end.
  mutating func peek() -> UInt8? {
    while offset < end {
      let byte = bytes[offset]
      guard byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) else { return byte }
      offset += 1
    }
    return nil
  }

  /// Skips white space and takes the next byte if it is this one.
  mutating func take(_ character: Character) -> Bool {
    guard let byte = peek(), byte == character.asciiValue else { return false }
    offset += 1
    return true
  }

  mutating func expect(_ character: Character) throws(Malformed) {
    guard take(character) else { throw malformed("“\(character)” is expected") }
  }

  /// Makes sure that nothing follows but white space.
  mutating func finish() throws(Malformed) {
    guard peek() == nil else { throw malformed("something follows the value") }
  }

  func malformed(_ what: String) -> Malformed { Malformed(offset: offset, what: what) }

  /// Reads an object; `body` is given each key and has to read or skip its value.
  mutating func object(_ body: (String, inout JSONScanner) throws -> Void) throws {
    try expect("{")
    try descend()
    defer { depth -= 1 }
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try body(key, &self)
    } while take(",")
    try expect("}")
  }

  /// Reads an array; `body` has to read or skip each element.
  mutating func array(_ body: (inout JSONScanner) throws -> Void) throws {
    try expect("[")
    try descend()
    defer { depth -= 1 }
    if take("]") { return }
    repeat { try body(&self) } while take(",")
    try expect("]")
  }

  private mutating func descend() throws(Malformed) {
    guard depth < Self.maximumDepth else { throw malformed("values are nested too deeply") }
    depth += 1
  }

  /// Reads an array of numbers onto the end of `values`.
  mutating func numbers(into values: inout [Float]) throws(Malformed) {
    try expect("[")
    if take("]") { return }
    repeat { values.append(Float(try number())) } while take(",")
    try expect("]")
  }

  /// Takes the word `null` if it is next.
  mutating func null() -> Bool { peek() == 0x6E && takeWord("null") }

  mutating func string() throws(Malformed) -> String {
    try expect("\"")
    let start = offset
    while offset < end {
      switch bytes[offset] {
      case 0x22:
        guard let text = String(validating: bytes[start..<offset], as: UTF8.self) else {
          throw malformed("a text is no UTF-8")
        }
        offset += 1
        return text
      case 0x5C: return try escapedString(from: start)
      case 0..<0x20: throw malformed("a text has a control character")
      default: offset += 1
      }
    }
    throw malformed("a text does not end")
  }

  /// Reads a number; also `NaN` and `Infinity`, which are no JSON but which Python writes.
  mutating func number() throws(Malformed) -> Double {
    guard let first = peek() else { throw malformed("a number is expected") }
    let start = offset
    let isNegative = first == 0x2D
    if isNegative { offset += 1 }
    if offset < end, bytes[offset] == 0x4E, takeWord("NaN") { return .nan }
    if offset < end, bytes[offset] == 0x49, takeWord("Infinity") {
      return isNegative ? -.infinity : .infinity
    }
    var mantissa: UInt64 = 0
    var exponent = 0
    var digits = 0
    while offset < end, case let digit = bytes[offset] &- 0x30, digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      digits += 1
      offset += 1
    }
    if offset < end, bytes[offset] == 0x2E {
      offset += 1
      while offset < end, case let digit = bytes[offset] &- 0x30, digit < 10 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        exponent -= 1
        digits += 1
        offset += 1
      }
    }
    guard digits > 0 else { throw malformed("a number is expected") }
    if offset < end, bytes[offset] | 0x20 == 0x65 {
      offset += 1
      let isDown = offset < end && bytes[offset] == 0x2D
      if offset < end, bytes[offset] == 0x2D || bytes[offset] == 0x2B { offset += 1 }
      var power = 0
      let from = offset
      while offset < end, case let digit = bytes[offset] &- 0x30, digit < 10 {
        power = min(power * 10 + Int(digit), 9_999)
        offset += 1
      }
      guard offset > from else { throw malformed("a number has no exponent") }
      exponent += isDown ? -power : power
    }
    // Both factors are exact doubles here, so that one rounding gives the nearest one (Clinger 1990).
    if digits <= 19, mantissa <= 1 << 53, abs(exponent) <= 22 {
      let value = Double(mantissa)
      let scaled = exponent < 0 ? value / Self.powers[-exponent] : value * Self.powers[exponent]
      return isNegative ? -scaled : scaled
    }
    guard let value = Double(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
      throw malformed("a number cannot be read")
    }
    return value
  }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(Malformed) -> Value
  {
    guard let value = Value(exactly: try number()) else { throw malformed("a whole number is expected") }
    return value
  }

  /// Skips a value and returns where it lies.
  @discardableResult
  mutating func skip() throws -> Range<Int> {
    guard let first = peek() else { throw malformed("a value is expected") }
    let start = offset
    switch first {
    case 0x7B: try object { _, scanner in try scanner.skip() }
    case 0x5B: try array { scanner in try scanner.skip() }
    case 0x22: _ = try string()
    case 0x74 where takeWord("true"), 0x66 where takeWord("false"), 0x6E where takeWord("null"): break
    default: _ = try number()
    }
    return start..<offset
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard offset + count <= end else { return false }
    for index in 0..<count where bytes[offset + index] != word.utf8Start[index] { return false }
    offset += count
    return true
  }

  private mutating func escapedString(from start: Int) throws(Malformed) -> String {
    var text = Array(bytes[start..<offset])
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case 0x22:
        guard let result = String(validating: text, as: UTF8.self) else {
          throw malformed("a text is no UTF-8")
        }
        return result
      case 0x5C: try escape(into: &text)
      case 0..<0x20: throw malformed("a text has a control character")
      default: text.append(byte)
      }
    }
    throw malformed("a text does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(Malformed) {
    guard offset < end else { throw malformed("a text does not end") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: text.append(byte)
    case 0x62: text.append(0x08)
    case 0x66: text.append(0x0C)
    case 0x6E: text.append(0x0A)
    case 0x72: text.append(0x0D)
    case 0x74: text.append(0x09)
    case 0x75:
      var code = try hexadecimal()
      if (0xD800..<0xDC00).contains(code), offset + 1 < end, bytes[offset] == 0x5C, bytes[offset + 1] == 0x75
      {
        offset += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw malformed("a text has half a character") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw malformed("a text has half a character") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw malformed("a text has an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(Malformed) -> UInt32 {
    guard offset + 4 <= end,
      let code = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
    else { throw malformed("a text has an unknown escape") }
    offset += 4
    return code
  }

  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }
}
