public import Foundation

/// An array of NumPy's format (`.npy`, versions 1 to 3) with two dimensions.
public struct NPYArray: Sendable {
  /// The element types that are read: NumPy's little-endian and single-byte ones.
  public enum Element: String, Sendable, CaseIterable {
    case float16 = "<f2", float32 = "<f4", float64 = "<f8"
    case int8 = "|i1", uint8 = "|u1", int16 = "<i2", int32 = "<i4", int64 = "<i8", uint32 = "<u4", uint64 =
      "<u8"

    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .float16, .int16: 2
      case .float32, .int32, .uint32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// The element type of the file.
  public let element: Element
  /// The number of rows, at least 1.
  public let rows: Int
  /// The number of columns, at least 1.
  public let columns: Int
  private let bytes: Data
  private let name: String

  /// Reads a file, mapped into memory.
  ///
  /// - Throws: ``InputError`` for a file that is missing, not NPY, truncated, not of two dimensions, in Fortran
  ///   order or of another element type.
  public init(contentsOf url: URL) throws(InputError) {
    let data: Data
    do { data = try Data(contentsOf: url, options: .mappedIfSafe) } catch {
      throw InputError("\(url.path) cannot be read: \(error.localizedDescription)")
    }
    try self.init(data, name: url.path)
  }

  init(_ data: Data, name: String) throws(InputError) {
    self.name = name
    guard data.count >= 10, data.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw InputError("\(name) is no NPY file: write it with numpy.save.")
    }
    let major = data[data.startIndex + 6]
    let lengthSize = major == 1 ? 2 : 4
    guard (1...3).contains(major), data.count >= 8 + lengthSize else {
      throw InputError("\(name) has NPY version \(major); versions 1 to 3 are read.")
    }
    var length = 0
    for index in (0..<lengthSize).reversed() { length = length << 8 | Int(data[data.startIndex + 8 + index]) }
    let start = 8 + lengthSize + length
    guard start <= data.count else { throw InputError("\(name) ends within its header: copy it again.") }
    let header = String(
      decoding: data[data.startIndex + 8 + lengthSize..<data.startIndex + start], as: UTF8.self)

    guard let type = Self.value(of: "descr", in: header)?.split(separator: "'").first.map(String.init),
      let order = Self.value(of: "fortran_order", in: header)
    else { throw InputError("\(name) has a damaged NPY header: copy it again.") }
    // Single bytes are written with "|", and read with any mark of byte order.
    let known = Element.allCases.first {
      $0.rawValue == type || ($0.size == 1 && $0.rawValue.dropFirst() == type.dropFirst())
    }
    guard let element = known else {
      throw InputError("\(name) holds elements of type \(type); save it as float32: a.astype(\"<f4\").")
    }
    guard order.hasPrefix("False") else {
      throw InputError("\(name) is in Fortran order; save it row by row: numpy.ascontiguousarray(a).")
    }
    let shape = Self.shape(in: header)
    guard let shape, shape.count == 2, shape[0] > 0, shape[1] > 0 else {
      let found = shape.map { "(\($0.map(String.init).joined(separator: ", ")))" } ?? "none"
      throw InputError(
        "\(name) has the shape \(found); it must have two dimensions, rows and columns, both above 0.")
    }
    let (cells, cellOverflow) = shape[0].multipliedReportingOverflow(by: shape[1])
    let (size, sizeOverflow) = cells.multipliedReportingOverflow(by: element.size)
    guard !cellOverflow, !sizeOverflow, data.count - start >= size else {
      throw InputError(
        "\(name) is truncated: its header promises \(shape[0]) × \(shape[1]) elements, the file has "
          + "\(data.count - start) bytes of them; copy it again.")
    }
    self.element = element
    rows = shape[0]
    columns = shape[1]
    bytes = data[data.startIndex + start..<data.startIndex + start + size]
  }

  /// The array as vectors.
  ///
  /// - Throws: ``InputError`` naming the first element that is not finite as a float32.
  public func vectors() throws(InputError) -> VectorSet {
    let values: [Float]
    switch element {
    case .float32: values = load(UInt32.self) { Float(bitPattern: $0) }
    case .float64: values = load(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float16: values = load(UInt16.self, Self.float(half:))
    case .int8: values = load(Int8.self) { Float($0) }
    case .uint8: values = load(UInt8.self) { Float($0) }
    case .int16: values = load(Int16.self) { Float($0) }
    case .int32: values = load(Int32.self) { Float($0) }
    case .uint32: values = load(UInt32.self) { Float($0) }
    case .int64: values = load(Int64.self) { Float($0) }
    case .uint64: values = load(UInt64.self) { Float($0) }
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw InputError(
        "\(name) holds \(values[bad]) in row \(bad / columns), column \(bad % columns): remove such rows.")
    }
    return VectorSet(dimension: columns, values: values)
  }

  /// The array as rows of ids, such as a ground truth.
  ///
  /// - Throws: ``InputError`` for floating-point elements or ids above 2⁶³.
  public func ids() throws(InputError) -> [[Int]] {
    let values: [Int]
    switch element {
    case .int32: values = load(Int32.self) { Int($0) }
    case .uint32: values = load(UInt32.self) { Int($0) }
    case .int64: values = load(Int64.self) { Int($0) }
    case .uint64: values = load(UInt64.self) { Int(truncatingIfNeeded: $0) }
    default: throw InputError("\(name) holds \(element.rawValue); ids are whole numbers of 32 or 64 bits.")
    }
    return (0..<rows).map { Array(values[$0 * columns..<($0 + 1) * columns]) }
  }

  private func load<Raw: FixedWidthInteger, Value>(_ type: Raw.Type, _ convert: (Raw) -> Value) -> [Value] {
    bytes.withUnsafeBytes { source in
      (0..<rows * columns).map {
        convert(
          Raw(littleEndian: source.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Raw>.size, as: Raw.self)))
      }
    }
  }

  /// IEEE 754 binary16, which Swift does not offer on every platform.
  private static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: return Float(bitPattern: sign | 0x3F80_0000) * Float(fraction) * 0x1p-24
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The text after `'key':` in a header.
  private static func value(of key: String, in header: String) -> String? {
    guard let range = header.range(of: "'\(key)':") else { return nil }
    return String(header[range.upperBound...].drop { $0 == " " })
  }

  private static func shape(in header: String) -> [Int]? {
    guard let text = value(of: "shape", in: header), text.hasPrefix("("), let end = text.firstIndex(of: ")")
    else {
      return nil
    }
    var shape: [Int] = []
    for part in text[text.index(after: text.startIndex)..<end].split(separator: ",") {
      let digits = part.filter { $0 != " " }
      if digits.isEmpty { continue }
      guard let side = Int(digits) else { return nil }
      shape.append(side)
    }
    return shape
  }
}
