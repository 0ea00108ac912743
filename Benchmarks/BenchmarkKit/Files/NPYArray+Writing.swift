public import Foundation

extension NPYArray {
  /// Writes vectors as a float32 file of NPY version 1.
  ///
  /// - Throws: ``InputError`` when the file cannot be written.
  public static func write(_ set: VectorSet, to url: URL) throws(InputError) {
    try write(set.values, element: .float32, shape: "(\(set.count), \(set.dimension))", to: url)
  }

  /// Writes a list of numbers as an int32 file of NPY version 1 with one dimension.
  ///
  /// - Throws: ``InputError`` when the file cannot be written.
  public static func write(_ values: [Int32], to url: URL) throws(InputError) {
    try write(values, element: .int32, shape: "(\(values.count),)", to: url)
  }

  private static func write<Value>(_ values: [Value], element: Element, shape: String, to url: URL)
    throws(InputError)
  {
    var header = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': \(shape), }"
    // The data starts at a multiple of 64 bytes.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    data.append(UInt8(header.utf8.count & 0xFF))
    data.append(UInt8(header.utf8.count >> 8))
    data.append(contentsOf: header.utf8)
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    do { try data.write(to: url, options: .atomic) } catch {
      throw InputError("\(url.path) cannot be written: \(error.localizedDescription)")
    }
  }
}
