/// Where the work of a request is done.
public enum Lane: Sendable, Hashable {
  /// On the HTTP thread: microseconds only, no disk.
  case immediate
  /// On threads for store and index: micro- to milliseconds.
  case store
  /// On threads that may wait for an engine, behind a queue of limited length.
  case photos
}
