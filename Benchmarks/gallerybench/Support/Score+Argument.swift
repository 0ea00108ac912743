public import BenchmarkKit
public import Console
import VectorIndex

extension Score: ArgumentValue {
  /// The index's name for it.
  var metric: Metric {
    switch self {
    case .cosine: .cosine
    case .ip: .innerProduct
    case .l2: .squaredDistance
    }
  }
}
