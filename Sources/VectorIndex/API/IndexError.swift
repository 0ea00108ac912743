internal import Glibc

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

extension IndexError: CustomStringConvertible {
  /// One sentence that says what happened, and the remedy where one is known.
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let allowed):
      "The parameter \(name) is \(value), but must be \(allowed)."
    case .wrongDimension(let expected, let actual):
      "The vector has \(actual) components, but the index holds vectors of \(expected)."
    case .wrongKeyCount(let rows, let keys):
      "There are \(rows) rows of vectors but \(keys) keys; give one key a row."
    case .notFinite(let component):
      "Component \(component) of the vector is not a finite number; only finite vectors can be compared."
    case .zeroVector:
      "The vector has length zero, so it has no cosine similarity to anything; leave it out."
    case .duplicateKey(let key):
      "The key \(key) is taken; use update to replace its vector, or another key."
    case .unknownKey(let key):
      "The key \(key) is not in the index; add it first."
    case .lengthOutOfRange(let length):
      "The vector has a length of \(length), with which float32 cannot compare exactly; scale all vectors."
    case .calledFromCallback:
      "The index was changed or saved from within a callback of its own; do it after the call that uses the callback."
    case .searchesUnderWay(let seconds):
      "Searches under way did not end within \(seconds) seconds, so the change was not made; try again after them."
    case .full(let maximumCount):
      "The index may hold \(maximumCount) vectors at most, and would have more; raise the maximum count in its configuration."
    case .outOfMemory(let bytes):
      "The system refused \(bytes) bytes of address space; lift the process's limit of memory or address space."
    case .file(let path, let operation, let code):
      "Cannot \(operation) \"\(path)\": \(String(cString: strerror(code))); remove the cause and try again."
    case .notASnapshot(let path, let reason):
      "\"\(path)\" is not a usable index snapshot (\(reason)); rebuild it from the vectors."
    case .damaged(let path, let part):
      "The snapshot \"\(path)\" is damaged (\(part)); rebuild it from the vectors."
    case .incompatible(let reason):
      "The indices cannot be merged because \(reason)."
    case .brokenInvariant(let what):
      "The index graph is inconsistent (\(what)); rebuild it from the vectors."
    }
  }
}
