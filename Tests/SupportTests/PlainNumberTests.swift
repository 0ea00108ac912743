import Support
import Testing

@Suite("Numbers in their usual form")
struct PlainNumberTests {
  @Test("a whole number has one form")
  func wholeNumbers() {
    for (text, number) in [("0", 0), ("7", 7), ("-12", -12), ("9223372036854775807", Int.max)] {
      #expect(Int(plain: text) == number)
    }
    for text in ["", "+7", "07", "-0", " 7", "7 ", "7.0", "0x7", "1e1", "9223372036854775808", "\u{667}"] {
      #expect(Int(plain: text) == nil, "\(text)")
    }
    #expect(UInt64(plain: "-1") == nil)
  }

  @Test("a number is written in decimal digits, finite, and none that would become 0")
  func numbers() {
    for (text, number) in [
      ("0", 0.0), ("-0.5", -0.5), (".5", 0.5), ("1e-3", 0.001), ("0e9", 0), ("2E2", 200),
    ] {
      #expect(Double(plain: text) == number)
    }
    for text in [
      "", "0x1", "0x1p3", "inf", "-Infinity", "nan", "1e400", "1e-400", "1,5", " 1", "1 ", "e5", "-",
    ] {
      #expect(Double(plain: text) == nil, "\(text)")
    }
  }
}
