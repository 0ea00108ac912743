/// What keeps a gallery that is kept by a server.
public struct ServerFacts: Sendable, Hashable {
  /// Where the gallery is, without passwords.
  public let address: String
  /// The schema that holds it.
  public let schema: String
  /// The server's version, such as `PostgreSQL 18.6`.
  public let version: String
  /// The version of pgvector.
  public let vectorVersion: String
  /// Whether the server is a standby, which follows another one and takes no changes.
  public let isStandby: Bool
  /// What a commit waits for, as `synchronous_commit` says, such as `on` or `remote_apply`.
  public let synchronousCommit: String
  /// The standbys that a commit waits for, as `synchronous_standby_names` says; empty when it waits for none.
  public let synchronousStandbys: String

  package init(
    address: String, schema: String, version: String, vectorVersion: String, isStandby: Bool,
    synchronousCommit: String, synchronousStandbys: String
  ) {
    self.address = address
    self.schema = schema
    self.version = version
    self.vectorVersion = vectorVersion
    self.isStandby = isStandby
    self.synchronousCommit = synchronousCommit
    self.synchronousStandbys = synchronousStandbys
  }
}
