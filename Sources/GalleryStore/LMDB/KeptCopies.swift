/// What `meta` says of the copies that were kept before everybody was removed.
struct KeptCopies: Codable {
  /// Older ones first.
  let names: [String]
}
