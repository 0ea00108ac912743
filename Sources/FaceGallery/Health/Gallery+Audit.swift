public import GalleryStore

extension Gallery {
  /// How the gallery's audit log stands: `audit.jsonl` in its folder, a line for each change, each with the digest of the one before.
  public func auditState() throws(GalleryError) -> AuditState {
    try perform { try $0.store.auditState() }
  }

  /// Switches the audit log on or off, which is its last line then. What is changed while it is on, by whatever process, is in it before the
  /// change is said to be done, with ``AuditOrigin``; nothing is changed that cannot be noted.
  ///
  /// - Returns: How the log stands then.
  /// - Throws: ``GalleryError``: `auditLog` when its file is not what was written; one that is gone is begun anew.
  @discardableResult
  public func setAudit(_ isOn: Bool) throws(GalleryError) -> AuditState {
    try perform { session in
      try session.store.setAudit(isOn)
      return try session.store.auditState()
    }
  }

  /// Notes in the audit log, if it is on, something that is no change of people and faces.
  ///
  /// - Parameter key: The name of a server's key that was made or revoked.
  public func noteInAudit(_ event: AuditEntry.Event, key: String? = nil) throws(GalleryError) {
    try perform { try $0.store.noteInAudit(event, key: key) }
  }

  /// Reads every line of the audit log: whether it is what was written, follows the one before, and ends where the gallery notes it does.
  ///
  /// - Parameter body: Called with each line that is right, in order.
  /// - Complexity: O(*n*) for *n* lines.
  public func verifyAudit(
    _ body: (AuditEntry) throws -> Void = { _ in }
  ) throws(GalleryError) -> AuditReport {
    try perform { try $0.store.verifyAudit(body) }
  }
}
