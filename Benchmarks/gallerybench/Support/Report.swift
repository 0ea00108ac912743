import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// The figures of one command with the machine they were taken on.
struct Report<Figures: Encodable>: Encodable {
  let command: [String]
  let machine: MachineReport
  let figures: Figures

  /// Writes the figures where `--json` says, if it does.
  ///
  /// - Throws: `InputError` when the file cannot be written.
  static func write(_ figures: Figures, _ machine: MachineReport, _ arguments: Arguments) throws {
    guard let path = arguments[CommonOptions.json] else { return }
    let report = Report(
      command: Array(CommandLine.arguments.dropFirst()), machine: machine, figures: figures)
    do {
      try JSONOutput.text(report).write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw InputError("\(path) cannot be written: \(error.localizedDescription)")
    }
  }
}

extension MachineReport {
  /// The machine's report, printed as the head of a command's output.
  static func printed() -> MachineReport {
    let machine = MachineReport(kernels: VectorKernels.active)
    Terminal.print(machine.text + "\n")
    return machine
  }
}
