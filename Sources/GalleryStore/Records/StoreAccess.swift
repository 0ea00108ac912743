/// What may be done with what is, or is not, at the path of a gallery.
public enum StoreAccess: String, Sendable, Hashable, CaseIterable {
  /// Make a gallery when there is none.
  case createIfMissing
  /// The gallery must be there.
  case existing
  /// The gallery must be there and is not changed, not even its snapshot.
  case readOnly
}
