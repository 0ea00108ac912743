internal import CNeuralKernels

/// The instruction sets that the kernels are compiled for.
public enum InstructionSet {
  /// The names, widest first.
  public static let names = ["amx", "avx512bf16", "avx512", "avx2", "portable"]

  /// The names that this processor runs, widest first.
  public static var available: [String] { names.filter { fg_kernels_named($0) != nil } }

  /// The name that plans use unless told otherwise: the widest that runs here, or the one that the environment variable
  /// `FACEGALLERY_ISA` names.
  public static var best: String { String(cString: fg_kernels_best().pointee.name) }

  /// The name of the set whose instructions ``best`` multiplies float32 with: `amx` and `avx512bf16` add bfloat16 to `avx512`.
  public static var bestOfFloat32: String { String(cString: fg_kernels_best().pointee.floatName) }

  /// Floating-point operations a second that one core does at most in float32, measured for a hundredth of a second.
  ///
  /// - Throws: `NetworkError.Code.unsupportedKernel` when the processor does not run the named set.
  public static func peak(_ name: String? = nil) throws(NetworkError) -> Double {
    let kernels = try kernels(named: name)
    let rounds = 100_000
    var best = 0.0
    for _ in 0..<20 {
      var sink: [Float] = [0.999, 0.001]
      let start = ContinuousClock.now
      kernels.pointee.peak(rounds, &sink)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      best = max(best, Double(rounds) * Double(kernels.pointee.peakOperations) / seconds)
    }
    return best
  }

  static func kernels(named name: String?) throws(NetworkError) -> UnsafePointer<fg_kernels> {
    guard let name else { return fg_kernels_best() }
    guard let kernels = fg_kernels_named(name) else {
      throw NetworkError(
        .unsupportedKernel,
        "This processor does not run the \(name) kernels; it has \(available.joined(separator: ", ")).")
    }
    return kernels
  }
}
