/// SplitMix64 (Steele, Lea and Flood, 2014): a seeded generator whose whole state is one number, so that a run can be
/// resumed.
public struct SplitMix64: RandomNumberGenerator, Sendable, Codable, Hashable {
  /// Where the sequence stands.
  public private(set) var state: UInt64

  /// A generator that begins at a seed, or goes on from a state.
  public init(_ state: UInt64) { self.state = state }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
