import Support
import Testing

@Suite("Seeded generator")
struct SplitMix64Tests {
  /// The first numbers of Vigna's reference implementation for this seed.
  @Test("The sequence is that of the reference implementation, and goes on from its state")
  func sequence() {
    var generator = SplitMix64(1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
    var resumed = SplitMix64(generator.state)
    #expect(resumed.next() == generator.next())
  }
}
