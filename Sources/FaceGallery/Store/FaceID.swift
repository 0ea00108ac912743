/// Number of a face in a gallery: given once, never used again after a removal.
public struct FaceID: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The number, at least 1.
  public let rawValue: UInt64

  /// The face with this number, which need not exist.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The number in decimal.
  public var description: String { String(rawValue) }

  /// Older faces come first.
  public static func < (a: FaceID, b: FaceID) -> Bool { a.rawValue < b.rawValue }
}
