/// What the index refuses or cannot do, with the way out in its description.
public enum IndexError: Error, Sendable, Hashable {
  /// A parameter of the configuration, or of a call, is outside its range.
  case invalidParameter(name: String, value: String, allowed: String)
  /// A vector or query has another number of components than the index.
  case wrongDimension(expected: Int, actual: Int)
  /// The number of keys does not match the number of rows.
  case wrongKeyCount(rows: Int, keys: Int)
  /// A vector or query holds a NaN or an infinity.
  case notFinite(component: Int)
  /// A vector or query of length zero has no direction, so cosine similarity to it is undefined.
  case zeroVector
  /// The key is in the index already, or twice among the keys being added.
  case duplicateKey(UInt64)
  /// The key is not in the index.
  case unknownKey(UInt64)
  /// A vector or query is too long for float32 arithmetic: with others it would give infinite distances or products. Or,
  /// for ``Metric/innerProduct``, too short: its products would lose their digits.
  case lengthOutOfRange(Double)
  /// A change or save was called from a callback (progress, filter, group) of the same index, where it would wait for itself.
  case calledFromCallback
  /// Searches that were under way did not end for so many seconds, so that a change that needs this was not made.
  case searchesUnderWay(seconds: Int)
  /// The index holds as many vectors as its configuration allows.
  case full(maximumCount: Int)
  /// The operating system refused to reserve address space or memory.
  case outOfMemory(bytes: Int)
  /// A file could not be read or written.
  case file(path: String, operation: String, errno: Int32)
  /// A file is not a snapshot of this kind of index, or is of a version that this program does not know.
  case notASnapshot(path: String, reason: String)
  /// A snapshot is truncated or its bytes are not those that were written.
  case damaged(path: String, part: String)
  /// Two indices cannot be merged because their configurations differ in what a vector means.
  case incompatible(reason: String)
  /// The graph breaks a rule that every search relies on.
  case brokenInvariant(String)
}
