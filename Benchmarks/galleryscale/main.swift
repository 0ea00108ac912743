import BenchmarkKit
import Console
import FaceGallery
import Foundation

let program = Program(
  name: "galleryscale", version: "0.1.0",
  summary:
    "Takes a large generated gallery through its life: add, query, delete, check, backup, crash, reopen.",
  groups: [.init("measure", [RunCommand.self]), .init("used by run", [StepCommand.self])],
  shared: [RunCommand.json],
  epilogue: "Exit status: 0 done, 1 a check failed, 2 wrong usage, 3 bad input, 4 trouble.",
  exitCode: { $0 is InputError ? .badInput : .trouble })

exit(program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
