internal import FaceEngine
internal import GalleryStore
internal import Support
internal import TensorFiles

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

  /// Reads the head of a NumPy file.
  ///
  /// - Throws: ``GalleryError``: `unreadableFile`, `truncatedFile`, `wrongShape`.
  init(npy file: MappedFile) throws(GalleryError) {
    let header: NPYHeader
    do {
      header = try NPYHeader(file)
    } catch {
      throw file.error(error)
    }
    let element: Element
    switch header.type {
    case "<f4": element = .float32
    case "<f8": element = .float64
    default:
      throw file.error(.wrongShape, "it holds elements of type \(header.type); save it as a.astype(\"<f4\")")
    }
    try self.init(file, from: header.start, shape: header.shape, element: element)
    let surplus = file.bytes.count - start - rows * columns * element.rawValue
    guard surplus == 0 else {
      throw file.error(
        .unreadableFile, "\(surplus) bytes follow its array; it was not written whole, or something was added"
      )
    }
  }
}
