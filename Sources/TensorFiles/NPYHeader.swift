public import Support

/// The head of a NumPy file (`.npy`, format versions 1 to 3) of rows in C order.
public struct NPYHeader: Sendable {
  /// The type of the elements, such as `<f4`.
  public let type: String
  /// The extents.
  public let shape: [Int]
  /// Where the elements begin.
  public let start: Int

  private static let magic = [0x93] + Array("NUMPY".utf8)

  /// Reads the head of a file.
  ///
  /// - Throws: ``TensorFileError``.
  public init(_ file: MappedFile) throws(TensorFileError) {
    let bytes = file.bytes
    guard bytes.count >= 12, bytes.starts(with: Self.magic), (1...3).contains(bytes[6]) else {
      throw TensorFileError(.unreadable, "it is no NumPy file; write it with numpy.save")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    start = 8 + lengthBytes + length
    guard start <= bytes.count else { throw TensorFileError(.truncated, "it ends within its header") }
    let text = String(decoding: bytes[8 + lengthBytes..<start], as: UTF8.self)
    guard let type = text.firstMatch(of: /'descr': *'([^']*)'/)?.1,
      let order = text.firstMatch(of: /'fortran_order': *(True|False)/)?.1,
      let shape = text.firstMatch(of: /'shape': *\(([0-9, ]*)\)/)?.1
    else {
      throw TensorFileError(.unreadable, "its NumPy header cannot be read; write it with numpy.save")
    }
    guard order == "False" else {
      throw TensorFileError(.wrongShape, "it is in Fortran order; save it as numpy.ascontiguousarray(a)")
    }
    self.type = String(type)
    let sides = shape.split(whereSeparator: { $0 == "," || $0 == " " })
    self.shape = sides.compactMap { Int($0) }
    guard self.shape.count == sides.count else {
      throw TensorFileError(.wrongShape, "its array has an impossible shape, (\(shape))")
    }
  }

  /// The bytes before the numbers of a file of float32 in rows, format version 1.0.
  public static func bytes(rows: Int, columns: Int) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let padding = 63 - (10 + text.utf8.count) % 64
    text += String(repeating: " ", count: padding) + "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }
}
