internal import FaceEvaluation

/// Vectors brought to unit length, as embeddings are compared.
enum UnitVectors {
  /// Rows at unit length; a row of zeros stays.
  static func of(_ rows: [Float], dimension: Int) -> [Float] {
    var result = rows
    for start in stride(from: 0, to: rows.count, by: dimension) {
      var squares: Float = 0
      for index in start..<start + dimension { squares += rows[index] * rows[index] }
      guard squares > 0 else { continue }
      let scale = 1 / squares.squareRoot()
      for index in start..<start + dimension { result[index] *= scale }
    }
    return result
  }

  /// Rows by the faces that they are of, a row a face.
  static func byFace(_ faces: [Int], _ rows: [Float]) -> [Int: ArraySlice<Float>] {
    let dimension = rows.count / max(faces.count, 1)
    return Dictionary(
      uniqueKeysWithValues: faces.enumerated().map { place, face in
        (face, rows[place * dimension..<(place + 1) * dimension])
      })
  }

  /// The cosine of two unit vectors.
  static func similarity(_ first: ArraySlice<Float>, _ second: ArraySlice<Float>) -> Float {
    var sum: Float = 0
    for (a, b) in zip(first, second) { sum += a * b }
    return sum
  }

  /// Squared distances of all pairs of unit vectors, row by row.
  static func squaredDistances(_ rows: [Float], dimension: Int) -> [Float] {
    let count = rows.count / dimension
    var products = [Float](repeating: 0, count: count * count)
    Gemm.multiply(
      rows, rows, into: &products, rows: count, inner: dimension, columns: count, transposingB: true)
    return products.map { max(2 - 2 * $0, 0) }
  }
}
