internal import CNeuralKernels

/// Rows of features in half precision, as they are kept on disk and in memory: their eleven bits are finer than what
/// two photos of a face have in common, and half the size.
struct HalfRows: Sendable, Hashable {
  /// Values of a row.
  let width: Int
  private(set) var values: [UInt16] = []

  /// Feature maps have values up to some ten thousands; a sixteenth of them is far from half precision's largest.
  private static let scale: Float = 1 / 16

  /// No rows yet.
  init(width: Int, capacity: Int = 0) {
    self.width = width
    values.reserveCapacity(width * capacity)
  }

  /// Rows of values.
  init(_ rows: [Float], width: Int) {
    self.width = width
    values = Self.halves(rows)
  }

  /// The number of rows.
  var count: Int { values.count / width }

  /// Adds a row that is in half precision already.
  mutating func append(_ row: [UInt16]) {
    precondition(row.count == width)
    values += row
  }

  /// Values in half precision.
  static func halves(_ values: [Float]) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: values.count) { buffer, count in
      if let base = buffer.baseAddress { HeadKernels.best.toHalves(values.count, scale, values, base) }
      count = values.count
    }
  }

  /// Some rows, one behind the other.
  func callAsFunction(_ rows: some Collection<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: rows.count * width) { buffer, count in
      values.withUnsafeBufferPointer { values in
        guard let from = values.baseAddress, let to = buffer.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          precondition((0..<self.count).contains(row))
          HeadKernels.best.fromHalves(width, 1 / Self.scale, from + row * width, to + place * width)
        }
      }
      count = rows.count * width
    }
  }
}
