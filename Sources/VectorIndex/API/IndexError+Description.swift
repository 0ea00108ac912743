internal import Glibc

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
      "The index holds its maximum of \(maximumCount) vectors; raise maximumCount in its configuration."
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
