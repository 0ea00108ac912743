import Foundation

/// Files of the test bundle.
enum Fixtures {
  static var folder: URL {
    Bundle.module.resourceURL?.appendingPathComponent("Fixtures") ?? URL(fileURLWithPath: "Fixtures")
  }

  static func url(_ name: String) -> URL { folder.appendingPathComponent(name) }

  /// The golden numbers that belong to a model's file: `flat3.weights.h5` is judged by `flat3`.
  static func golden(for file: String) throws -> Golden {
    try Golden(url(String(file.prefix { $0 != "." })))
  }

  static let models = [
    "flat2.h5", "flat2.keras", "flat3.h5", "flat3.keras", "nested2.h5", "nested3.h5", "nested3.keras",
    "residual2.h5", "residual3.h5", "residual3.keras", "sequential2.h5", "sequential3.h5",
    "sequential3.keras",
  ]
}
