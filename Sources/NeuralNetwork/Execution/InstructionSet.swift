internal import CNeuralKernels

/// The instruction sets that the kernels are compiled for.
public enum InstructionSet {
  /// The names, widest first.
  public static let names = ["avx512bf16", "avx512", "avx2", "portable"]

  /// The names that this processor runs, widest first.
  public static var available: [String] { names.filter { fg_kernels_named($0) != nil } }

  /// The name that plans use unless told otherwise.
  public static var best: String { String(cString: fg_kernels_best().pointee.name) }

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
