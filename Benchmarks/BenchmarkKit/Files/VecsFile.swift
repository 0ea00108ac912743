public import Foundation

/// Files of the TEXMEX family: every row begins with its length as an int32.
///
/// `.fvecs` holds float32, `.bvecs` bytes, `.ivecs` int32.
public enum VecsFile {
  /// Reads `.fvecs` or `.bvecs` as vectors.
  ///
  /// - Throws: ``InputError`` for a file that is missing, empty, truncated, with rows of several lengths or
  ///   elements that are not finite.
  public static func vectors(contentsOf url: URL) throws(InputError) -> VectorSet {
    let bytes = url.pathExtension == "bvecs"
    let (values, dimension) = try read(url, elementSize: bytes ? 1 : 4) { source, offset in
      bytes ? Float(source[offset]) : Float(bitPattern: word(source, offset))
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw InputError("\(url.path) holds \(values[bad]) in row \(bad / dimension): remove such rows.")
    }
    return VectorSet(dimension: dimension, values: values)
  }

  /// Reads `.ivecs` as rows of ids.
  ///
  /// - Throws: ``InputError`` as for vectors.
  public static func ids(contentsOf url: URL) throws(InputError) -> [[Int]] {
    let (values, width) = try read(url, elementSize: 4) { Int(Int32(bitPattern: word($0, $1))) }
    return stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
  }

  private static func word(_ source: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    UInt32(littleEndian: source.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  private static func read<Value>(
    _ url: URL, elementSize: Int, _ element: (UnsafeRawBufferPointer, Int) -> Value
  ) throws(InputError) -> ([Value], Int) {
    let data: Data
    do { data = try Data(contentsOf: url, options: .mappedIfSafe) } catch {
      throw InputError("\(url.path) cannot be read: \(error.localizedDescription)")
    }
    guard data.count >= 4 else { throw InputError("\(url.path) is empty: write it again.") }
    let parsed: Result<([Value], Int), InputError> = data.withUnsafeBytes { source in
      let dimension = Int(Int32(bitPattern: word(source, 0)))
      guard (1...1_000_000).contains(dimension) else {
        return .failure(InputError("\(url.path) begins with the length \(dimension): it is no such file."))
      }
      let rowSize = 4 + dimension * elementSize
      guard data.count % rowSize == 0 else {
        return .failure(
          InputError(
            "\(url.path) is truncated: \(data.count) bytes are no whole number of rows of \(rowSize)."))
      }
      var values: [Value] = []
      values.reserveCapacity(data.count / rowSize * dimension)
      for row in stride(from: 0, to: data.count, by: rowSize) {
        guard Int(Int32(bitPattern: word(source, row))) == dimension else {
          return .failure(
            InputError(
              "\(url.path) has rows of several lengths, the first other one in row \(row / rowSize)."))
        }
        for column in 0..<dimension { values.append(element(source, row + 4 + column * elementSize)) }
      }
      return .success((values, dimension))
    }
    return try parsed.get()
  }
}
