internal import CVectorIndex
internal import Synchronization
internal import VectorIndex

/// The indices that are open, by the names that C has for them.
///
/// A name is a number that is used once, so that one whose index was closed is known as such, and never leads to memory.
enum Handles {
  private struct Table {
    var last: UInt = 0
    var indices: [UInt: HNSWIndex] = [:]
  }

  private static let table = Mutex(Table())

  /// Gives an index a name.
  static func add(_ index: HNSWIndex) -> OpaquePointer? {
    table.withLock { table in
      table.last += 1
      // As pointers to structures are: several low bits are zero.
      let name = table.last << 4
      table.indices[name] = index
      return OpaquePointer(bitPattern: name)
    }
  }

  /// The index of a name.
  static func index(_ name: OpaquePointer?) throws(Failure) -> HNSWIndex {
    let index = table.withLock { $0.indices[UInt(bitPattern: name)] }
    guard let index else { throw unknown }
    return index
  }

  /// Forgets a name; the index ends with the last call that uses it.
  static func remove(_ name: OpaquePointer?) throws(Failure) {
    // Its memory is given back after the lock.
    let index = table.withLock { $0.indices.removeValue(forKey: UInt(bitPattern: name)) }
    guard index != nil else { throw unknown }
  }

  private static var unknown: Failure {
    Failure(VI_INVALID_HANDLE, "The handle is NULL or its index was closed; create or open one.")
  }
}
