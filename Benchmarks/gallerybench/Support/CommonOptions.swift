import BenchmarkKit
import Console
import Foundation

/// Options that several commands take.
enum CommonOptions {
  static let json = ValueOption<String>(
    "--json", placeholder: "FILE", help: "Also write every figure as JSON.")
  static let quick = Flag("--quick", help: "A smaller run that only shows that everything works.")
  static let data = ValueOption<String>(
    "--data", placeholder: "DIR", help: "Where generated sets lie or are put; else a cache folder.")
  static let plots = ValueOption<String>(
    "--plots", placeholder: "DIR", help: "Write plots there, as SVG and PNG.")
  static let peers = ValueOption<String>(
    "--peers", placeholder: "LIST",
    help:
      "Peers beside us, by commas: hnswlib, faiss-hnsw, faiss-hnswsq, usearch, svs, symphonyqg, glass-sq8, glass-sq4; all is those that setup.sh installs."
  )
  static let rounds = ValueOption<Int>(
    "--rounds", placeholder: "N", help: "Alternating rounds; the spread is over these (5).",
    where: ("from 1 to 100", { (1...100).contains($0) }))
  static let count = ValueOption<Int>(
    "--count", placeholder: "N", help: "Use only the first N queries.",
    where: ("above 0", { $0 > 0 }))
  static let k = ValueOption<Int>(
    "--k", placeholder: "K", help: "Neighbours a query (10).",
    where: ("from 1 to 1000", { (1...1000).contains($0) }))
  static let degree = ValueOption<Int>("--m", placeholder: "M", help: "Links of a node (16).")
  static let effort = ValueOption<Int>(
    "--ef-construction", placeholder: "EF", help: "Candidates when building (200).")
  static let threads = ValueOption<Int>(
    "--threads", placeholder: "N", help: "Threads for building (1).",
    where: ("from 1 to 256", { (1...256).contains($0) }))
  static let index = ValueOption<String>(
    "--index", placeholder: "FILE",
    help: "Load our index from FILE if it is there, else build it and save it there.")
  static let size = ValueOption<String>(
    "--set", placeholder: "NAME", help: "The generated set to use, such as face100k or face1m.")

  /// Numbers separated by commas.
  static func numbers(_ text: String, of option: String, in range: ClosedRange<Double>) throws(UsageError)
    -> [Double]
  {
    var numbers: [Double] = []
    for word in text.split(separator: ",") {
      guard let number = Double(word), range.contains(number) else {
        throw UsageError(
          "\(option) takes numbers from \(Format.number(range.lowerBound)) to \(Format.number(range.upperBound)), not \"\(word)\"."
        )
      }
      numbers.append(number)
    }
    guard !numbers.isEmpty else { throw UsageError("\(option) needs at least one number.") }
    return numbers
  }
}
