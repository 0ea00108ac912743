internal import CDlib
internal import COpenBLAS

/// The C and C++ libraries that the engine computes with.
public enum EngineLibraries {
  /// Their names and versions.
  public static var versions: [(name: String, version: String)] {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return [
      ("dlib", String(cString: fg_dlib_version())),
      ("OpenBLAS", words.dropFirst().first.map(String.init) ?? "?"),
    ]
  }

  /// Ends the threads that OpenBLAS starts with the process, one a core: they would spin for some 0.1 s of a processor each, and all
  /// its work here is done on the callers' threads.
  ///
  /// For programs, as the first thing that they do: nothing may be using OpenBLAS meanwhile.
  public static func endIdleThreads() { fg_blas_end_threads() }

  /// The processor that OpenBLAS computes for, such as "Cooperlake"; `$OPENBLAS_CORETYPE` overrides its choice.
  public static var blasCore: String { String(cString: openblas_get_corename()) }

  /// The instruction set that the HOG detector runs on, such as "avx2".
  ///
  /// - Throws: ``EngineError`` when the detector cannot be made.
  public static func detectorKernel() throws(EngineError) -> String { try HOGFaceDetector().kernel }
}
