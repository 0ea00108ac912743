/// A value that has a number, where it lies; good for as long as whoever gives it says.
public struct NumberedBytes {
  /// The number.
  public let number: UInt64
  /// The value, aligned to two bytes at best.
  public let bytes: UnsafeRawBufferPointer

  /// A value where it lies.
  @inlinable
  public init(number: UInt64, bytes: UnsafeRawBufferPointer) {
    self.number = number
    self.bytes = bytes
  }
}
