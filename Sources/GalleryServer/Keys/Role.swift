/// What a key may do; each role may do what those before it may.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// Ask: recognise, verify, detect, list.
  case read
  /// Change: enrol, rename, delete.
  case write
  /// Look after the gallery: statistics, check, backup.
  case admin

  /// Whether `a` may do less than `b`.
  public static func < (a: Role, b: Role) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .read: 0
    case .write: 1
    case .admin: 2
    }
  }
}
