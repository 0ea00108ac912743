/// The folder of a gallery as one that holds files: whose they are, and how those of its store are replaced.
///
/// Only the kind of the store knows its files; ``Stores`` knows the kind.
package protocol StoreFolder: Sendable {
  /// Without a slash at its end.
  var path: String { get }

  /// What the folder holds.
  var contents: FolderContents { get }

  /// The folder, and the one where the files really lie that hold people, faces and vectors: they may be links.
  var places: [String] { get }

  /// The names of the files that hold people, faces and vectors, last the one that makes the folder a gallery.
  var storeFiles: [String] { get }

  /// Bytes of the files that hold people, faces and vectors.
  var bytes: Int { get }

  /// Whether a file is what an older version of the program left of one that it did not finish.
  func isOldLeftover(_ name: String) -> Bool

  /// What every commit changes; two that are equal are of the same state.
  func state() throws -> [UInt8]

  /// Runs `body` while nobody has the gallery open, and nobody can open it.
  ///
  /// - Parameters:
  ///   - own: The store of this gallery that this process has open: it is closed for as long, and its reads and writes wait. Nil where
  ///     this process must not have it open either.
  ///   - body: Is given a function that moves the files of a finished copy, in a folder that nobody uses, in the place of
  ///     those that are here. It throws when the old ones are still in their place, and returns what went wrong when the new
  ///     ones are, but are not known to be there after a power cut.
  /// - Throws: ``GalleryError`` with code `inUse`, which names who has it open, or `replaced` where the folder does not hold the files of
  ///   `own`; then nothing has changed.
  func whileUnused<Result>(
    suspending own: (any Store)?,
    _ body: (_ replaceFiles: (_ copy: String) throws -> (any Error)?) throws -> Result
  ) throws -> Result

  /// Writes the files anew without free pages; nobody may have the gallery open.
  func compact() throws

  /// Goes on with the audit log in a finished copy that is to be put in the place of what is here: the copy notes a line that says so, after
  /// the one that the gallery here notes as the last. Without a log it does nothing. It may be called again.
  ///
  /// Nobody may change the gallery between this and the replacement: callers compare ``state()`` of before.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` when the log is on and its file is not what was written.
  func continueAudit(in copy: String, _ event: AuditEntry.Event) throws

  /// Removes the locks, for those who know that nobody uses them.
  func removeLocks()
}

/// What a folder that is to be a gallery's holds.
package enum FolderContents: Sendable, Hashable {
  /// Nothing, or there is none.
  case vacant
  /// A gallery.
  case gallery
  /// Files of a gallery whose store is lost.
  case remains([String])
  /// Something else.
  case foreign
}

extension StoreFolder {
  /// Makes sure that nobody has the gallery open now.
  ///
  /// - Parameter own: The store of this gallery that this process may have open.
  /// - Throws: ``GalleryError`` with code `inUse`, or `replaced`.
  package func checkUnused(suspending own: (any Store)? = nil) throws {
    try whileUnused(suspending: own) { _ in }
  }
}
