package import NeuralNetwork

/// The numbers that an embedding network multiplies; sums are always float32.
public enum EnginePrecision: String, Sendable, Hashable, Codable, CaseIterable {
  /// Everything in float32.
  case float32 = "f32"
  /// Weights and the factors of most products rounded to bfloat16: nearly twice as fast where the processor has
  /// AVX512_BF16, and no faster, with the same rounding, elsewhere.
  case bfloat16 = "bf16"

  /// The name of the numbers, for reports.
  package var title: String {
    switch self {
    case .float32: "float32"
    case .bfloat16: "bfloat16"
    }
  }

  /// What the runtime calls it.
  package var planned: PlanOptions.Precision {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}
