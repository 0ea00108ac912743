import Support
import Testing

@testable import HeadTraining

@Suite("Features in half precision")
struct HalfRowsTests {
  @Test("are the nearest half-precision numbers of a sixteenth, as the processor rounds")
  func rounding() {
    var generator = SplitMix64(5)
    var values: [Float] = [0, -0, 1, -1, 0.1, 65_504, 1e-4, 1e-5, -3e-7, 1e-9, 40_000.7]
    for exponent in -20..<18 {
      for _ in 0..<50 {
        values.append(
          Float.random(in: -1...1, using: &generator) * Float(sign: .plus, exponent: exponent, significand: 1)
        )
      }
    }
    let rows = HalfRows(values, width: 1)
    #expect(rows.count == values.count)
    for (place, value) in values.enumerated() {
      #expect(rows.values[place] == Float16(value / 16).bitPattern, "\(value)")
    }
    #expect(rows(values.indices) == values.map { Float(Float16($0 / 16)) * 16 })
  }

  @Test("keep what is no number, and cut off what is too large")
  func extremes() {
    let rows = HalfRows([.nan, .infinity, -.infinity, 2e6, -2e6, 3], width: 2)
    #expect(rows.count == 3)
    #expect(rows([0])[0].isNaN)
    #expect(rows([1]) == [-1_048_064, 1_048_064])
    #expect(rows([2]) == [-1_048_064, 3])
    #expect(rows([0])[1] == 1_048_064)
  }
}
