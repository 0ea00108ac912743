internal import Foundation
public import GalleryStore

extension Sequence<Person> {
  /// The people in the order in which the user's language lists names: accents and letter case count only between names that are
  /// else the same, and numbers by their value (Foundation's `localizedStandardCompare`).
  ///
  /// - Complexity: O(*p* log *p*): some 0.1 s for 100,000 names in Latin letters without accents, else some seconds.
  public func sortedByName() -> [Person] {
    sorted { NameOrder.compare($0.name, $1.name) == .orderedAscending }
  }
}

/// The order in which people are listed.
enum NameOrder {
  /// Whether blanks and the letters of ASCII come in the order of their bytes, and no two of them are one letter.
  private static let isPlain = Locale.current.language.languageCode == .english

  static func compare(_ one: String, _ other: String) -> ComparisonResult {
    // The collation takes microseconds, and names mostly differ in a letter without accents.
    (isPlain ? plain(one, other) : nil) ?? one.localizedStandardCompare(other)
  }

  /// The order, where it is told by what is before any character but blanks and letters of ASCII; nil else.
  private static func plain(_ one: String, _ other: String) -> ComparisonResult? {
    var (left, right) = (one.utf8.makeIterator(), other.utf8.makeIterator())
    while true {
      switch (left.next(), right.next()) {
      case (nil, nil): return nil
      case (nil, let byte?): return folded(byte) == nil ? nil : .orderedAscending
      case (let byte?, nil): return folded(byte) == nil ? nil : .orderedDescending
      case (let a?, let b?):
        guard let first = folded(a), let second = folded(b) else { return nil }
        if first != second { return first < second ? .orderedAscending : .orderedDescending }
      }
    }
  }

  /// A blank, or a letter in lower case; nil for another byte.
  private static func folded(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x20, 0x61...0x7A: byte
    case 0x41...0x5A: byte | 0x20
    default: nil
    }
  }
}
