internal import CVectorIndex

/// Checks of what comes from outside.
enum Arguments {
  /// A pointer that must not be NULL and must be aligned.
  static func present<T>(_ pointer: UnsafePointer<T>?, _ name: String) throws(Failure) -> UnsafePointer<T> {
    guard let pointer else { throw .argument(name, "is NULL") }
    try check(alignment: UInt(bitPattern: pointer), MemoryLayout<T>.alignment, name)
    return pointer
  }

  /// A pointer to be written to, which must not be NULL and must be aligned.
  static func present<T>(
    _ pointer: UnsafeMutablePointer<T>?, _ name: String
  ) throws(Failure) -> UnsafeMutablePointer<T> {
    guard let pointer else { throw .argument(name, "is NULL") }
    try check(alignment: UInt(bitPattern: pointer), MemoryLayout<T>.alignment, name)
    return pointer
  }

  /// An array; its pointer may be NULL where it has no elements.
  static func array<T>(
    _ pointer: UnsafePointer<T>?, _ count: Int, _ name: String
  ) throws(Failure) -> UnsafeBufferPointer<T> {
    guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: try present(pointer, name), count: count)
  }

  /// An array to be written to; its pointer may be NULL where it has no elements.
  static func array<T>(
    _ pointer: UnsafeMutablePointer<T>?, _ count: Int, _ name: String
  ) throws(Failure) -> UnsafeMutableBufferPointer<T> {
    guard count > 0 else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
    return UnsafeMutableBufferPointer(start: try present(pointer, name), count: count)
  }

  /// An array to be written to that the caller may do without.
  static func optional<T>(
    _ pointer: UnsafeMutablePointer<T>?, _ count: Int, _ name: String
  ) throws(Failure) -> UnsafeMutableBufferPointer<T>? {
    pointer == nil ? nil : try array(pointer, count, name)
  }

  /// A size or count.
  static func count(_ value: Int64, _ name: String, atLeast least: Int = 0) throws(Failure) -> Int {
    guard let count = Int(exactly: value), count >= least else {
      throw .argument(name, "is \(value), but must be \(least) or more")
    }
    return count
  }

  /// The product of two counts, of elements of so many bytes.
  static func product(_ a: Int, _ b: Int, of bytes: Int, _ name: String) throws(Failure) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    guard !overflow, product <= Int.max / bytes else {
      throw .argument(name, "is \(a), which is more than there can be memory for")
    }
    return product
  }

  /// Threads to use: 0 means one per processor.
  static func threads(_ value: Int32) throws(Failure) -> Int {
    guard value >= 0 else { throw .argument("threads", "is \(value), but must be 0 or more") }
    return value == 0 ? processors : min(Int(value), most)
  }

  /// A path.
  static func path(_ path: UnsafePointer<CChar>?) throws(Failure) -> String {
    guard let path else { throw .argument("path", "is NULL") }
    guard let path = String(validatingCString: path) else { throw .argument("path", "is not UTF-8") }
    guard !path.isEmpty else { throw .argument("path", "is empty") }
    return path
  }

  /// A structure that its caller says the size of. Later versions may have it longer.
  static func structure<T>(
    _ pointer: UnsafePointer<T>, size: UInt32, _ name: String
  ) throws(Failure) -> T {
    try check(size: size, of: T.self, name)
    let extra = UnsafeRawBufferPointer(start: pointer, count: Int(size)).dropFirst(MemoryLayout<T>.size)
    guard extra.allSatisfy({ $0 == 0 }) else {
      throw .argument(name, "has members that this version of the library does not know")
    }
    return pointer.pointee
  }

  /// Checks the size that a caller gives a structure.
  static func check<T>(size: UInt32, of _: T.Type, _ name: String) throws(Failure) {
    guard (MemoryLayout<T>.size...largest).contains(Int(size)) else {
      throw .argument(
        "\(name)->size", "is \(size), but must be the size of the structure, \(MemoryLayout<T>.size)")
    }
  }

  private static func check(alignment address: UInt, _ alignment: Int, _ name: String) throws(Failure) {
    guard address % UInt(alignment) == 0 else {
      throw .argument(name, "is not aligned to \(alignment) bytes")
    }
  }

  /// No structure will ever be longer.
  private static let largest = 4096

  /// Most threads that a call uses.
  private static let most = 64

  /// Processors that the process may use.
  private static var processors: Int { min(max(1, Int(cvi_processors())), most) }
}
