/// Names of requests.
public enum RequestID {
  /// The client's own name for its request when it is one that may stand in a log.
  public static func accepted(_ word: String?) -> String? {
    guard let word, (1...64).contains(word.utf8.count) else { return nil }
    let isPlain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    return isPlain ? word : nil
  }

  /// Sixteen hexadecimal digits.
  public static func fresh() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
