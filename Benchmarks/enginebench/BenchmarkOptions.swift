import Foundation
import NeuralNetwork

/// What the command line asks for.
struct BenchmarkOptions {
  var weights = URL(fileURLWithPath: "")
  var height: Int?
  var width: Int?
  var plan = PlanOptions()
  var rounds = 10
  /// Threads that only spin beside the runs, as other programs would on the same cores.
  var spinners = 0
  var showsLayers = false
  var isServing = false
  /// Whether times are those that the process computed, rather than those that went by.
  var countsCPUTime = false
  /// Zero weights of an embedding head put behind the network: what the whole costs does not depend on them.
  var addsHead = false
  /// Raw RGB photos of the network's size to embed, one after the other; the embeddings go to standard output.
  var photos: URL?
  /// A folder with `input.f32`, height × width × channel, that gets every layer's result for it.
  var results: URL?

  static let usage = """
    usage: enginebench WEIGHTS [--size HEIGHTxWIDTH] [--batch N] [--threads N] [--rounds N]
             [--precision float32|bfloat16] [--convolutions automatic|direct|oneDNN|oneDNNDirect]
             [--isa amx|avx512bf16|avx512|avx2|portable] [--spinners N] [--head] [--layers] [--serve] [--embed PHOTOS.rgb]
             [--results FOLDER] [--cpu-time]
    """

  init?(_ arguments: [String]) {
    var rest = arguments[...]
    guard let path = rest.popFirst() else { return nil }
    weights = URL(fileURLWithPath: path)
    while let flag = rest.popFirst() {
      switch flag {
      case "--layers": showsLayers = true
      case "--serve": isServing = true
      case "--cpu-time": countsCPUTime = true
      case "--head": addsHead = true
      default:
        guard let value = rest.popFirst(), take(flag, value) else { return nil }
      }
    }
  }

  private mutating func take(_ flag: String, _ value: String) -> Bool {
    switch flag {
    case "--size":
      let sides = value.split(separator: "x").compactMap { Int($0) }
      guard sides.count == 2 else { return false }
      (height, width) = (sides[0], sides[1])
    case "--batch": plan.batch = Int(value) ?? 1
    case "--threads": plan.threads = Int(value) ?? 1
    case "--spinners": spinners = Int(value) ?? 0
    case "--rounds": rounds = max(Int(value) ?? 10, 1)
    case "--precision":
      guard let precision = PlanOptions.Precision(rawValue: value) else { return false }
      plan.precision = precision
    case "--convolutions":
      guard let convolutions = PlanOptions.Convolutions(rawValue: value) else { return false }
      plan.convolutions = convolutions
    case "--results": results = URL(fileURLWithPath: value)
    case "--embed": photos = URL(fileURLWithPath: value)
    case "--isa": plan.instructionSet = value
    default: return false
    }
    return true
  }
}
