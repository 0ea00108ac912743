internal import FaceEngine
internal import GalleryStore

/// Rows of numbers in a mapped file.
struct VectorArray {
  enum Element: Int {
    case float32 = 4
    case float64 = 8
  }

  let file: MappedFile
  let start: Int
  let rows: Int
  let columns: Int
  let element: Element

  /// - Throws: ``GalleryError``: `wrongShape`, `truncatedFile`.
  init(_ file: MappedFile, from start: Int, shape: [Int], element: Element) throws(GalleryError) {
    guard shape.count == 2, shape[0] >= 0, shape[1] > 0 else {
      let text = shape.map(String.init).joined(separator: ", ")
      throw file.error(.wrongShape, "its array has the shape (\(text)) and must have one of rows and columns")
    }
    let (cells, overflow) = shape[0].multipliedReportingOverflow(by: shape[1])
    let (size, sizeOverflow) = cells.multipliedReportingOverflow(by: element.rawValue)
    guard !overflow, !sizeOverflow, file.bytes.count - start >= size else {
      throw file.error(
        .truncatedFile,
        "its header promises \(shape[0]) rows of \(shape[1]) numbers, and \(file.bytes.count - start) bytes of them are "
          + "there; copy it again")
    }
    (self.file, self.start, self.element) = (file, start, element)
    (rows, columns) = (shape[0], shape[1])
  }

  /// Appends a row to `values`.
  func append(_ row: Int, to values: inout [Float]) {
    let place = start + row * columns * element.rawValue
    for column in 0..<columns {
      switch element {
      case .float32:
        let bits = file.bytes.loadUnaligned(fromByteOffset: place + 4 * column, as: UInt32.self)
        values.append(Float(bitPattern: UInt32(littleEndian: bits)))
      case .float64:
        let bits = file.bytes.loadUnaligned(fromByteOffset: place + 8 * column, as: UInt64.self)
        values.append(Float(Double(bitPattern: UInt64(littleEndian: bits))))
      }
    }
  }

  // MARK: NumPy

  private static let magic = [0x93] + Array("NUMPY".utf8)

  /// The bytes before the numbers of a NumPy file, format version 1.0.
  static func npyHeader(rows: Int, columns: Int) -> [UInt8] {
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let padding = 63 - (10 + text.utf8.count) % 64
    text += String(repeating: " ", count: padding) + "\n"
    return magic + [1, 0, UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }

  /// Reads the head of a NumPy file.
  ///
  /// - Throws: ``GalleryError``: `unreadableFile`, `truncatedFile`, `wrongShape`.
  init(npy file: MappedFile) throws(GalleryError) {
    let bytes = file.bytes
    guard bytes.count >= 12, bytes.starts(with: Self.magic), (1...3).contains(bytes[6]) else {
      throw file.error(.unreadableFile, "it is no NumPy file; write it with numpy.save")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes + length
    guard start <= bytes.count else {
      throw file.error(.truncatedFile, "it ends within its header; copy it again")
    }
    let text = String(decoding: bytes[8 + lengthBytes..<start], as: UTF8.self)
    guard let type = text.firstMatch(of: /'descr': *'([^']*)'/)?.1,
      let order = text.firstMatch(of: /'fortran_order': *(True|False)/)?.1,
      let shape = text.firstMatch(of: /'shape': *\(([0-9, ]*)\)/)?.1
    else { throw file.error(.unreadableFile, "its NumPy header cannot be read; write it with numpy.save") }
    let element: Element
    switch type {
    case "<f4": element = .float32
    case "<f8": element = .float64
    default:
      throw file.error(.wrongShape, "it holds elements of type \(type); save it as a.astype(\"<f4\")")
    }
    guard order == "False" else {
      throw file.error(.wrongShape, "it is in Fortran order; save it as numpy.ascontiguousarray(a)")
    }
    let sides = shape.split(whereSeparator: { $0 == "," || $0 == " " }).compactMap { Int($0) }
    try self.init(file, from: start, shape: sides, element: element)
  }
}
