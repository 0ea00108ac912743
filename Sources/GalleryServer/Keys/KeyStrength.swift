internal import Foundation

/// Whether a key that somebody made up could be found by trying.
enum KeyStrength {
  /// A key has at least so many bits.
  static let leastBits = 64.0

  /// Checks a key that somebody made up.
  ///
  /// - Throws: ``KeyError``: `unusable`, `weak`.
  static func check(_ key: String) throws(KeyError) {
    guard (16...256).contains(key.utf8.count), key.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw KeyError(.unusable, "A key has 16 to 256 printable ASCII characters without blanks.")
    }
    guard bits(key) >= leastBits else {
      throw KeyError(
        .weak, "The key is easy to guess: it repeats itself or has too few different characters.")
    }
  }

  /// An estimate from above of the bits of a key: each character that neither repeats nor follows the one before it, as
  /// in `aaaa` and `1234`, nor stands behind that one for a second time, as in `acac`, counts as one of the different characters that there are.
  static func bits(_ key: String) -> Double {
    let bytes = Array(key.utf8)
    var pairs: Set<[UInt8]> = []
    let fresh = bytes.indices.count { index in
      index == 0
        || pairs.insert([bytes[index - 1], bytes[index]]).inserted
          && abs(Int(bytes[index]) - Int(bytes[index - 1])) > 1
    }
    return Double(fresh) * log2(Double(max(1, Set(bytes).count)))
  }
}
