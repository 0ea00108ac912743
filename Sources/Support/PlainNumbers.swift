extension FixedWidthInteger {
  /// The number that a text is in its one usual form: digits, without `+` and leading zeros.
  public init?(plain text: some StringProtocol) {
    guard let number = Self(text), String(number) == text else { return nil }
    self = number
  }
}

extension Double {
  /// The finite number that a text is in decimal digits; none in base 16, and none so near to 0 that it would become 0.
  public init?(plain text: some StringProtocol) {
    let mantissa = text.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
    guard
      text.utf8.allSatisfy({
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "+-.eE".utf8.contains($0)
      }),
      let number = Double(text), number.isFinite,
      number != 0 || mantissa.allSatisfy({ !(UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    self = number
  }
}
