internal import Support

/// Reads the primitives of dlib's portable serialisation (dlib/serialize.h).
///
/// An integer is a control byte, whose low four bits count the bytes that follow, little-endian, and whose highest bit
/// is the sign. A number with a fraction is two integers: mantissa and power of two. A text is its length and bytes.
struct DlibReader {
  private let mapped: MappedFile
  private(set) var offset = 0
  let file: String

  init(_ file: MappedFile) {
    mapped = file
    self.file = file.name
  }

  // Valid while the file is referred to, which this reader does.
  private var bytes: UnsafeRawBufferPointer { mapped.bytes }

  func damaged(_ what: String) -> WeightsError {
    WeightsError(
      .damaged, "\(file) \(what) at byte \(offset); it is truncated or no dlib network, fetch it again.")
  }

  private mutating func byte() throws(WeightsError) -> UInt8 {
    guard offset < bytes.count else { throw damaged("ends early") }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func integer() throws(WeightsError) -> Int {
    let control = try byte()
    let size = Int(control & 15)
    guard size > 0, size <= 8, control & 0x70 == 0 else { throw damaged("has no integer") }
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(try byte()) << UInt64(8 * index) }
    guard let result = Int(exactly: value) else { throw damaged("has an integer that is too large") }
    return control & 0x80 == 0 ? result : -result
  }

  mutating func number() throws(WeightsError) -> Double {
    let mantissa = try integer()
    let exponent = try integer()
    // dlib keeps infinities and NaN as exponents from 32000 on.
    guard abs(exponent) < 4096 else { throw damaged("has a number that is not finite") }
    return Double(sign: .plus, exponent: exponent, significand: Double(mantissa))
  }

  mutating func boolean() throws(WeightsError) -> Bool {
    switch try byte() {
    case UInt8(ascii: "1"): return true
    case UInt8(ascii: "0"): return false
    default: throw damaged("has no truth value")
    }
  }

  mutating func text() throws(WeightsError) -> String {
    let count = try integer()
    guard count >= 0, count <= 256, offset + count <= bytes.count else { throw damaged("has no text") }
    defer { offset += count }
    return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
  }

  /// The four extents of a tensor or of a view of one, after its version.
  mutating func extents(version expected: Int) throws(WeightsError) -> [Int] {
    guard try integer() == expected else { throw damaged("has a tensor of an unknown version") }
    var result: [Int] = []
    for _ in 0..<4 {
      let extent = try integer()
      guard (0...1 << 28).contains(extent) else { throw damaged("has a tensor of an impossible size") }
      result.append(extent)
    }
    return result
  }

  /// A tensor's values; dlib writes them as float32, little-endian.
  mutating func tensor() throws(WeightsError) -> [Float] {
    let extents = try extents(version: 2)
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= bytes.count else { throw damaged("ends inside of a tensor") }
      count = product
    }
    guard offset + count * 4 <= bytes.count else { throw damaged("ends inside of a tensor") }
    defer { offset += count * 4 }
    return (0..<count).map {
      Float(
        bitPattern: UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset + $0 * 4, as: UInt32.self)))
    }
  }
}
