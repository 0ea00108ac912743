extension StringProtocol {
  /// The text with A to Z as small letters and all else as it is: what protocols mean by "case-insensitive".
  ///
  /// Unicode's mapping would make a `k` of the Kelvin sign, and two programs would understand one word differently.
  public func asciiLowercased() -> String {
    String(decoding: utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}
