/// How a network is to be run.
public struct PlanOptions: Sendable, Hashable {
  /// The numbers that products are formed from; sums are always float32.
  public enum Precision: String, Sendable, Codable, CaseIterable {
    /// Everything in float32.
    case float32
    /// Weights and factors of Winograd's products and of 1×1 convolutions, and the weights of dense layers, in bfloat16. A
    /// processor without AVX512_BF16 multiplies the same rounded numbers as float32.
    case bfloat16
  }

  /// Who computes the convolutions.
  public enum Convolutions: String, Sendable, Codable, CaseIterable {
    /// The fastest known for each layer.
    case automatic
    /// Our direct kernel, the plainest path.
    case direct
    /// oneDNN, Winograd where it has it.
    case oneDNN
    /// oneDNN, direct only.
    case oneDNNDirect
  }

  /// Threads a run.
  public var threads = 1
  /// The most images a run.
  public var batch = 1
  /// The numbers that products are formed from.
  public var precision = Precision.float32
  /// Who computes the convolutions.
  public var convolutions = Convolutions.automatic
  /// The instruction set by name (`amx`, `avx512bf16`, `avx512`, `avx2`, `portable`), or nil for the best there is.
  public var instructionSet: String?
  /// Layers besides the last one whose results are kept; nothing is fused past them.
  public var outputs: [String] = []

  /// One thread, one image, float32.
  public init(threads: Int = 1, batch: Int = 1, precision: Precision = .float32) {
    self.threads = threads
    self.batch = batch
    self.precision = precision
  }
}
