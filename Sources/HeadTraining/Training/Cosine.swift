internal import Foundation

/// Half a cosine, from 1 to −1.
enum Cosine {
  /// The value at a share of the way, 0…1.
  static func of(_ share: Double) -> Double { cos(.pi * share) }
}
