/// What a request may work on.
struct Grant: Sendable {
  let gallery: ServedGallery
  let role: Role
  /// The key's name; nil on a server that asks for no keys.
  let key: String?
}
