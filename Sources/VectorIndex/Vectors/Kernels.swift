internal import CVectorKernels
internal import Glibc

/// One set of distance kernels.
///
/// Contract: a row has `stride` floats, a multiple of 16, zeros behind the dimension; a code has `blocks` times 64 bytes, a query's
/// code `blocks` times 128 levels; every slot in a list lies below the storage's capacity; what is written has room for `count`. No
/// kernel keeps a pointer. ``Space``, ``QueryBuffer`` and ``SearchContext`` assert it in debug builds.
struct Kernels: Sendable {
  let name: String
  let dot: @convention(c) (UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Float
  let squaredDistance: @convention(c) (UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Float
  let dotRows: FloatRows
  let squaredDistanceRows: FloatRows
  let anyDotAbove: AnyCloser
  let anySquaredDistanceBelow: AnyCloser
  let codeRows: CodeRows
  let codeScan: CodeScan
  let gather: Gather
  let offer: Offer
  let codeSelect: CodeSelect
  let squaredNorm: @convention(c) (UnsafePointer<Float>?, Int) -> Double
  let rotate: Rotate
  let quantize: Quantize

  typealias FloatRows =
    @convention(c) (
      UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, UnsafePointer<UInt32>?, Int,
      UnsafeMutablePointer<Float>?
    ) -> Void
  typealias AnyCloser =
    @convention(c) (
      UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Int, UnsafePointer<UInt32>?, Int, Float
    ) -> Int32
  typealias CodeRows =
    @convention(c) (
      UnsafePointer<Int8>?, UnsafePointer<UInt8>?, Int, UnsafePointer<UInt32>?, Int,
      UnsafeMutablePointer<Int32>?
    ) -> Void
  typealias CodeScan =
    @convention(c) (UnsafePointer<Int8>?, UnsafePointer<UInt8>?, Int, Int, UnsafeMutablePointer<Int32>?) ->
    Void

  typealias Gather =
    @convention(c) (
      UnsafePointer<cvk_frontier>?, UInt32, UnsafePointer<UInt32>?, Int, UnsafeMutablePointer<UInt32>?
    ) -> Int

  typealias Offer =
    @convention(c) (
      UnsafeMutablePointer<cvk_pool>?, UnsafePointer<UInt32>?, UnsafePointer<UInt32>?, Int,
      UnsafePointer<UInt32>?, Int
    ) -> Void

  typealias CodeSelect =
    @convention(c) (
      UnsafePointer<Int8>?, UnsafePointer<UInt8>?, Int, Int, UnsafePointer<Float>?, Float, Float, UInt32,
      UnsafeMutablePointer<UInt32>?
    ) -> Int

  typealias Rotate =
    @convention(c) (UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, Int, Int, Int, Float) -> Void

  typealias Quantize =
    @convention(c) (
      UnsafePointer<Float>?, Int, UnsafeMutablePointer<Int8>?, UnsafeMutablePointer<Float>?,
      UnsafeMutablePointer<Int32>?
    ) -> Float

  init(_ set: cvk_kernels) {
    name = String(cString: set.name)
    dot = set.dot
    squaredDistance = set.squared_distance
    dotRows = set.dot_rows
    squaredDistanceRows = set.squared_distance_rows
    anyDotAbove = set.any_dot_above
    anySquaredDistanceBelow = set.any_squared_distance_below
    codeRows = set.code_rows
    codeScan = set.code_scan
    gather = set.gather
    offer = set.offer
    codeSelect = set.code_select
    squaredNorm = set.squared_norm
    rotate = set.rotate
    quantize = set.quantize
  }

  /// Every set that this machine runs, fastest first.
  static let all: [Kernels] = {
    var list: UnsafePointer<UnsafePointer<cvk_kernels>?>?
    let count = cvk_available(&list)
    return UnsafeBufferPointer(start: list, count: count).compactMap { $0.map { Kernels($0.pointee) } }
  }()

  /// The set in use: the one that `FACEGALLERY_KERNELS` names if this machine runs it, else the fastest.
  static let active: Kernels = {
    let wanted = getenv("FACEGALLERY_KERNELS").map { String(cString: $0) }
    return all.first { $0.name == wanted } ?? all[0]
  }()
}
