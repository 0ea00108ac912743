/// The distance kernels of this process: chosen once, at the first use.
public enum VectorKernels {
  /// Name of the kernels in use, for instance `"avx512vnni"`.
  ///
  /// The fastest that the machine runs, unless the environment variable `FACEGALLERY_KERNELS` names another of
  /// ``available``.
  public static var active: String { Kernels.active.name }

  /// Names of all kernels that this machine runs, fastest first; the last is `"portable"`.
  public static var available: [String] { Kernels.all.map(\.name) }
}
