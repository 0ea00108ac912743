/// A metric with its samples, as Prometheus reads it.
struct MetricFamily: Sendable {
  struct Sample: Sendable {
    let labels: [String: String]
    let value: Double
    let suffix: String

    init(_ labels: [String: String] = [:], _ value: Double, suffix: String = "") {
      self.labels = labels
      self.value = value
      self.suffix = suffix
    }
  }

  let name: String
  let kind: String
  let help: String
  let samples: [Sample]
  let keepsOrder: Bool

  init(_ name: String, _ kind: String, _ help: String, _ samples: [Sample], keepsOrder: Bool = false) {
    self.name = name
    self.kind = kind
    self.help = help
    self.samples = samples
    self.keepsOrder = keepsOrder
  }

  /// The families of several galleries, each with the samples of all of them.
  static func merged(_ lists: [[MetricFamily]]) -> [MetricFamily] {
    var merged: [MetricFamily] = []
    for family in lists.joined() {
      guard let place = merged.firstIndex(where: { $0.name == family.name }) else {
        merged.append(family)
        continue
      }
      merged[place] = MetricFamily(
        family.name, family.kind, family.help, merged[place].samples + family.samples,
        keepsOrder: family.keepsOrder)
    }
    return merged
  }

  var text: String {
    guard !samples.isEmpty else { return "" }
    var lines = samples.map { sample in
      let labels = sample.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
      let isWhole = sample.value.rounded() == sample.value && abs(sample.value) < 1e15
      let number = isWhole ? "\(Int(sample.value))" : "\(sample.value)"
      return "\(name)\(sample.suffix)\(braces) \(number)"
    }
    if !keepsOrder { lines.sort() }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n" + lines.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
