internal import COpenBLAS

/// Matrix products on OpenBLAS, row-major.
package enum Gemm {
  /// One thread a product, as ``FaceEngine`` has it: OpenBLAS's own threads wait for one another busily, so that beside other
  /// work products take many times as long, and were seen to come out wrong.
  private static let hasOneThread: Void = fg_blas_use_one_thread()

  /// Runs calls of OpenBLAS. As Swift's arrays do, it ends the process when there is not enough memory.
  package static func compute(_ body: () -> Void) {
    _ = hasOneThread
    guard fg_blas_begin() else { fatalError("There is not enough memory for a product of matrices.") }
    defer { fg_blas_end() }
    body()
  }

  /// C = A · B + β C, with A (rows × inner) and B (inner × columns), either given transposed.
  package static func multiply(
    _ a: [Float], _ b: [Float], into c: inout [Float], rows: Int, inner: Int, columns: Int,
    transposingA aTransposed: Bool = false, transposingB bTransposed: Bool = false, adding beta: Float = 0
  ) {
    assert(a.count >= rows * inner && b.count >= inner * columns && c.count >= rows * columns)
    multiply(
      at: a, b, into: &c, rows: rows, inner: inner, columns: columns, transposingA: aTransposed,
      transposingB: bTransposed, adding: beta)
  }

  /// The same in memory that somebody else holds: it has room for what the extents and the stride of A say.
  package static func multiply(
    at a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, rows: Int,
    inner: Int, columns: Int, transposingA aTransposed: Bool = false, transposingB bTransposed: Bool = false,
    adding beta: Float = 0, strideA: Int? = nil
  ) {
    assert((strideA ?? .max) >= (aTransposed ? rows : inner))
    compute {
      cblas_sgemm(
        CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
        blasint(rows), blasint(columns), blasint(inner), 1, a,
        blasint(strideA ?? (aTransposed ? rows : inner)), b,
        blasint(bTransposed ? inner : columns), beta, c, blasint(columns))
    }
  }
}
