internal import Support

/// A name's characters, a byte each, by which the forms are told in which cameras, programs and data sets name files.
///
/// These are written out rather than regular expressions: those are parsed anew at each use, which costs a thousand times as much.
struct NameForm {
  /// An ASCII character is its own byte; all others are classes.
  private let bytes: [UInt8]

  /// A letter that is not ASCII.
  private static let letter: UInt8 = 0x80
  /// A mark that stands by itself.
  private static let mark: UInt8 = 0x81
  /// Anything else that is not ASCII, or more than one scalar.
  private static let other: UInt8 = 0x82

  init(_ text: String) {
    if text.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "\r") }) {
      bytes = Array(text.utf8)
    } else {
      bytes = text.map(Self.byte)
    }
  }

  private static func byte(_ character: Character) -> UInt8 {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return other }
    if first.isASCII, scalars.count == 1 { return UInt8(first.value) }
    switch first.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return letter
    case .nonspacingMark, .spacingMark, .enclosingMark: return mark
    default: return other
    }
  }

  // MARK: Forms

  /// A year, a month or a day, the year first: `2024`, `2024-05`, `20240501`.
  var isDate: Bool {
    guard number(at: 0, digits: 4).map({ 1900...2099 ~= $0 }) ?? false else { return false }
    var place = 4
    for limit in [12, 31] {
      if place == bytes.count { return true }
      if has("-_. ", at: place) { place += 1 }
      guard let number = number(at: place, digits: 2), 1...limit ~= number else { return false }
      place += 2
    }
    return place == bytes.count
  }

  /// Panasonic's `P1010001`, Samsung's `SAM_0001`, Canon's `_MG_0001`, GoPro's `GX010001`, panoramas, and the folders of all
  /// cameras, `100CANON`; perhaps with the number of a copy.
  var isOfCamera: Bool {
    if bytes.first == UInt8(ascii: "P"), isEnd(8, afterDigits: 7) { return true }
    if begins("SAM"), has("_ ", at: 3), isEnd(8, afterDigits: 4) { return true }
    let canon = has("_ ", at: 0) ? 1 : 0
    if begins("MG", at: canon), has("_ ", at: canon + 2), isEnd(canon + 7, afterDigits: 4) { return true }
    if bytes.first == UInt8(ascii: "G"), has("HX", at: 1), isEnd(8, afterDigits: 6) { return true }
    if begins("PANO"), has("_ ", at: 4) {
      let run = bytes[5...].prefix { Self.isDigit($0) || $0 == UInt8(ascii: "_") }.count
      // The end of the run may be a copy's number.
      if run > 0, (6...5 + run).contains(where: isEnd) { return true }
    }
    guard let number = number(at: 0, digits: 3), number >= 100 else { return false }
    let name = bytes.dropFirst(3).prefix(5)
    return name.count == 5
      && name.allSatisfy { Self.isCapital($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") } && isEnd(8)
  }

  /// Four characters of a camera and four digits, or capitals or a word with a long number, and perhaps more numbers.
  var isCounted: Bool {
    let capitals = bytes.prefix(while: Self.isCapital).count
    func isName(_ isPart: (UInt8) -> Bool) -> Bool {
      bytes.count >= 4 && bytes.prefix(4).allSatisfy(isPart)
    }
    let ofFour =
      bytes.first == UInt8(ascii: "_") && bytes.dropFirst().prefix(3).count(where: Self.isCapital) == 3
      || capitals == 3 && has("_", at: 3)
      || capitals > 0 && isName { Self.isCapital($0) || Self.isDigit($0) }
    if ofFour, areNumbers(from: 4, atLeast: 4) { return true }
    if 1...5 ~= capitals, areNumbers(from: capitals, atLeast: 4) { return true }
    let letters = bytes.prefix(while: Self.isLetter).count
    return letters >= 2 && areNumbers(from: letters, atLeast: 5)
  }

  /// Whether it begins with a UUID.
  var beginsWithUUID: Bool {
    var place = 0
    for length in [8, 4, 4, 4, 12] {
      if place > 0 {
        guard has("-", at: place) else { return false }
        place += 1
      }
      let digits = bytes.dropFirst(place).prefix(length)
      guard digits.count == length, digits.allSatisfy(Self.isHexadecimal) else { return false }
      place += length
    }
    return true
  }

  /// Two names or more and a number of four digits, with underscores between them: `Ada_Lovelace_0001`.
  var isOfDataSet: Bool {
    let parts = bytes.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard parts.count >= 3, let number = parts.last, number.count == 4, number.allSatisfy(Self.isDigit) else {
      return false
    }
    return parts.dropLast().allSatisfy { name in
      guard let first = name.first, Self.isLetter(first) || first == Self.letter else { return false }
      return name.dropFirst().allSatisfy { byte in
        Self.isLetter(byte) || byte == Self.letter || byte == Self.mark || Self.isOneOf("'.-", byte)
      }
    }
  }

  // MARK: Parts

  /// Whether so many digits stand before a place, and it is the end but for a copy's number.
  private func isEnd(_ place: Int, afterDigits count: Int) -> Bool {
    bytes.count >= place && bytes[(place - count)..<place].allSatisfy(Self.isDigit) && isEnd(place)
  }

  /// Whether a place is the end, or a copy's number is all that follows: `-1`, ` (1)`.
  private func isEnd(_ place: Int) -> Bool { place == bytes.count || afterNumber(place) == bytes.count }

  /// Whether from a place on there are so many digits or more, and then numbers only, as of copies.
  private func areNumbers(from place: Int, atLeast count: Int) -> Bool {
    guard bytes.count >= place + count, bytes[place..<place + count].allSatisfy(Self.isDigit) else {
      return false
    }
    var place = place + count
    while place < bytes.count {
      guard let end = afterNumber(place) else { return false }
      place = end
    }
    return true
  }

  /// The place after a number with a blank, an underscore or a hyphen before it, or none, and perhaps in brackets; nil when there is none.
  private func afterNumber(_ start: Int) -> Int? {
    var place = has(" _-", at: start) ? start + 1 : start
    if has("(", at: place) { place += 1 }
    let digits = bytes[min(place, bytes.count)...].prefix(while: Self.isDigit)
    guard !digits.isEmpty else { return nil }
    return has(")", at: digits.endIndex) ? digits.endIndex + 1 : digits.endIndex
  }

  private func begins(_ text: StaticString, at place: Int = 0) -> Bool {
    text.withUTF8Buffer { bytes.dropFirst(place).starts(with: $0) }
  }

  /// Whether one of some characters stands at a place.
  private func has(_ characters: StaticString, at place: Int) -> Bool {
    place < bytes.count && Self.isOneOf(characters, bytes[place])
  }

  /// The number of so many digits at a place; nil when there is none.
  private func number(at place: Int, digits count: Int) -> Int? {
    guard bytes.count >= place + count else { return nil }
    var number = 0
    for byte in bytes[place..<place + count] {
      guard Self.isDigit(byte) else { return nil }
      number = 10 * number + Int(byte - UInt8(ascii: "0"))
    }
    return number
  }

  private static func isOneOf(_ characters: StaticString, _ byte: UInt8) -> Bool {
    characters.withUTF8Buffer { $0.contains(byte) }
  }

  static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  private static func isCapital(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }

  static func isLetter(_ byte: UInt8) -> Bool {
    byte < 0x80 && UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte < 0x80 && UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
  }
}
