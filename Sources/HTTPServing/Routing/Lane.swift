/// Where the work of a request is done: each lane has threads of its own, so that work in one never waits for work in another.
/// Only uploads that are to be stored have none: they are worked on by the threads of uploads, and stored by those of changes.
///
/// A change may wait for a writer in another process, for ever if that was stopped. What reads does not wait for that.
public enum Lane: Sendable, Hashable, CaseIterable {
  /// On the HTTP thread: microseconds only, no disk.
  case immediate
  /// On a thread that does nothing but say whether the service is ready.
  case readiness
  /// On threads that read: micro- to milliseconds.
  case reads
  /// On threads that may wait to write, behind a queue of limited length.
  case changes
  /// On threads for files that a request brings: they may compute for long, behind a queue of limited length, and share an
  /// amount of memory.
  case uploads
  /// Among the uploads, and then among the changes.
  case storedUploads
  /// On threads for what takes long, and may wait to write.
  case upkeep

  /// The lane on whose threads the work begins.
  var first: Lane { self == .storedUploads ? .uploads : self }

  /// Whether what is done there needs memory for uploads.
  var takesUploads: Bool { [.uploads, .storedUploads].contains(self) }

  /// Whether what is done there may wait to write.
  public var mayWaitToWrite: Bool { [.changes, .storedUploads, .upkeep].contains(self) }
}
