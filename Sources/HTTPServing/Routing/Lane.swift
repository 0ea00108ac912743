/// Where the work of a request is done: each lane has threads of its own, so that work in one never waits for work in another.
/// Only enrolments have none: they are searched on the threads of photos, and stored on those of changes.
///
/// A change may wait for a writer in another process, for ever if that was stopped. What reads does not wait for that.
public enum Lane: Sendable, Hashable, CaseIterable {
  /// On the HTTP thread: microseconds only, no disk.
  case immediate
  /// On a thread that does nothing but say whether the service is ready.
  case readiness
  /// On threads that read store and index: micro- to milliseconds.
  case store
  /// On threads that may wait to write, behind a queue of limited length.
  case changes
  /// On threads that may wait for an engine, behind a queue of limited length.
  case photos
  /// Among the photos, which share one queue and one amount of memory, and then among the changes.
  case enrolments
  /// On threads for what takes long, and may wait to write.
  case upkeep

  /// The lane on whose threads the work begins.
  var first: Lane { self == .enrolments ? .photos : self }

  /// Whether what is done there needs memory for photos.
  var takesPhotos: Bool { [.photos, .enrolments].contains(self) }

  /// Whether what is done there may wait to write.
  public var mayWaitToWrite: Bool { [.changes, .enrolments, .upkeep].contains(self) }
}
