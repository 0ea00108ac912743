/// Whom a request belongs to. Owners share what a server has: each takes turns with the others, and none can take all.
public struct Owner: Sendable, Hashable {
  /// That of the request that this thread works on, for whatever else it shares with others; nil elsewhere.
  @TaskLocal public static var current: Owner?

  /// What takes turns first, such as a tenant.
  public let group: String
  /// Who takes turns within the group, such as a key.
  public let name: String

  /// An owner by its parts.
  public init(group: String, name: String) {
    self.group = group
    self.name = name
  }
}
