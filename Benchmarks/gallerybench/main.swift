import BenchmarkKit
import Console
import Foundation
import VectorIndex

// OpenBLAS reads its core type and threads when it is loaded, so they are set before a second start.
if getenv("OPENBLAS_CORETYPE") != nil || getenv("OPENBLAS_NUM_THREADS") == nil {
  unsetenv("OPENBLAS_CORETYPE")
  setenv("OPENBLAS_NUM_THREADS", "1", 1)
  var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
  arguments.append(nil)
  execv("/proc/self/exe", &arguments)
}
// A peer that ends early is an error of ours to report, not a signal to die from.
signal(SIGPIPE, SIG_IGN)

let program = Program(
  name: "gallerybench", version: "0.1.0", summary: "Measures VectorIndex, by itself and beside its peers.",
  groups: [
    .init("data", [SetsCommand.self]),
    .init(
      "search", [PeersCommand.self, AnnCommand.self, SizesCommand.self, ScanCommand.self, HardCommand.self]),
    .init(
      "life of an index",
      [
        BuildCommand.self, OpenCommand.self, ConcurrencyCommand.self, DeletesCommand.self,
        FiltersCommand.self,
      ]),
  ],
  shared: [CommonOptions.json, CommonOptions.quick],
  epilogue:
    "Exit status: 0 done, 1 a check failed, 2 wrong usage, 3 bad input, 4 trouble. Peers run in the virtual "
    + "environment that Benchmarks/peers/setup.sh makes.",
  exitCode: { $0 is InputError || $0 is IndexError ? .badInput : .trouble })

exit(program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
