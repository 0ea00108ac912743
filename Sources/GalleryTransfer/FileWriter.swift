internal import Foundation
internal import Support

/// Writes a file piece by piece under another name; it gets its own when it is complete and on disk.
final class FileWriter {
  private static let capacity = 1 << 20

  private let file: ReplacementFile
  private let buffer: UnsafeMutablePointer<UInt8>
  private var used = 0
  private var flushed = 0

  /// - Throws: `SystemError` when the file cannot be made.
  init(_ path: String) throws(SystemError) {
    file = try ReplacementFile(path)
    buffer = .allocate(capacity: Self.capacity)
  }

  deinit { buffer.deallocate() }

  /// Bytes written so far.
  var count: Int { flushed + used }

  func put(_ byte: UInt8) throws {
    try reserve(1)
    buffer[used] = byte
    used += 1
  }

  func put(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      if used == Self.capacity { try flush() }
      let part = rest.prefix(Self.capacity - used)
      UnsafeMutableRawBufferPointer(start: buffer + used, count: part.count).copyMemory(
        from: .init(rebasing: part))
      used += part.count
      rest = rest.dropFirst(part.count)
    }
  }

  func put(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try put($0) }
  }

  func put(_ text: String) throws { try put(Array(text.utf8)) }

  /// Writes a number in decimal such that it is read back bit by bit.
  func putDecimal(_ value: Float) throws {
    try reserve(32)
    if let count = DecimalText.write(value, to: buffer + used) {
      used += count
    } else {
      try put(value.description)
    }
  }

  /// Writes over bytes that were written before.
  func overwrite(_ bytes: Data, at offset: Int) throws {
    try flush()
    try bytes.withUnsafeBytes { try file.write($0, at: offset) }
  }

  /// Makes what was written last, without giving the file its name yet.
  func synchronize() throws {
    try flush()
    try file.synchronize()
  }

  /// Makes what was written last, without giving the file its name yet, and returns the SHA-256 of all of it, in
  /// hexadecimal.
  func digest() throws -> String {
    try synchronize()
    return try MappedFile(file.temporaryPath).digest()
  }

  /// Makes the file last and gives it its name.
  func finish() throws {
    try flush()
    try file.commit()
  }

  private func reserve(_ bytes: Int) throws {
    if used + bytes > Self.capacity { try flush() }
  }

  private func flush() throws {
    try file.write(UnsafeRawBufferPointer(start: buffer, count: used), at: flushed)
    flushed += used
    used = 0
  }
}

/// Floats in decimal, with nine significant digits: enough to be read back bit by bit.
enum DecimalText {
  /// Writes a number of the usual size of a component to memory of at least 16 bytes.
  ///
  /// - Returns: How many bytes were written; nil for numbers that are too large or too small for this way.
  static func write(_ value: Float, to text: UnsafeMutablePointer<UInt8>) -> Int? {
    var count = 0
    if value.sign == .minus {
      text[0] = 0x2D
      count = 1
    }
    let magnitude = Double(value.magnitude)
    guard magnitude >= 1e-5, magnitude < 9 else {
      guard magnitude == 0 else { return nil }
      text[count] = 0x30
      return count + 1
    }
    var scale = 1e8
    var places = 8
    var least = 1.0
    while magnitude < least {
      scale *= 10
      places += 1
      least /= 10
    }
    var digits = UInt64(magnitude * scale + 0.5)
    while digits.isMultiple(of: 10), places > 0 {
      digits /= 10
      places -= 1
    }
    let whole = digits >= Self.powers[places] ? digits / Self.powers[places] : 0
    text[count] = 0x30 + UInt8(whole)
    count += 1
    guard places > 0 else { return count }
    text[count] = 0x2E
    count += 1
    var fraction = digits - whole * Self.powers[places]
    for place in stride(from: places - 1, through: 0, by: -1) {
      text[count + place] = 0x30 + UInt8(fraction % 10)
      fraction /= 10
    }
    return count + places
  }

  private static let powers: [UInt64] = (0...14).map { exponent in
    (0..<exponent).reduce(1 as UInt64) { power, _ in power * 10 }
  }
}
