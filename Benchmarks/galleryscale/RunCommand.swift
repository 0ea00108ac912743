import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `galleryscale run`: all steps, each in a process of its own, as a table.
enum RunCommand: Subcommand {
  static let json = Flag("--json", help: "Write the figures as JSON.")
  static let faces = ValueOption<String>(
    "--faces", placeholder: "N", help: "The gallery's size (1m); 100k and 10m work too.")
  static let folder = ValueOption<String>(
    "--folder", placeholder: "DIR", help: "Where the gallery is made; else in the temporary folder.")
  static let keep = Flag("--keep", help: "Leave the gallery there.")

  static let description = CommandDescription(
    name: "run", summary: "Makes a gallery and measures every step of its life.",
    discussion: """
      Each step is a process of its own; its memory is what the system cannot take back, without the pages of mapped \
      files. Files are in the page cache, as the steps before have left them. A face takes about 2 kB of disk.
      """,
    options: [faces, folder, keep],
    examples: [
      .init("galleryscale run", "a million faces"),
      .init("galleryscale run --faces 10m", "ten million: 20 GB of disk"),
    ])

  static func folder(_ arguments: Arguments) -> String {
    arguments[folder] ?? FileManager.default.temporaryDirectory.appending(path: "galleryscale").path
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport(kernels: VectorKernels.active)
    let size = arguments[faces] ?? "1m"
    _ = try SetRecipe(name: "face\(size)")
    let folder = folder(arguments)
    let gallery = folder + "/gallery"
    guard !FileManager.default.fileExists(atPath: gallery) else {
      throw InputError("There is a gallery at \(gallery) already: remove it, or choose another --folder.")
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var table = Table(
      .left("step"), .right("seconds"), .right("faces"), .right("a second"), .right("median ms"),
      .right("99 % ms"),
      .right("own memory"), .left(""))
    var rows: [StepFigures] = []
    for step in Step.allCases {
      Terminal.note("\(step.title)\n")
      guard let row = try start(step, size, folder) else { continue }
      rows.append(row)
      if step == .lost { continue }
      table.append([
        step.title, Format.fixed(row.seconds, row.seconds < 1 ? 4 : 1), "\(row.count)",
        row.count > 1 && row.seconds > 0 ? Format.fixed(Double(row.count) / row.seconds, 0) : "",
        row.median.map { Format.fixed($0, 2) } ?? "", row.worst.map { Format.fixed($0, 2) } ?? "",
        Format.bytes(row.memory), row.note,
      ])
      if step == .follow {
        let bytes = ["data.mdb", "index.snapshot"].map { name in
          ((try? FileManager.default.attributesOfItem(atPath: gallery + "/" + name))?[.size] as? Int) ?? 0
        }
        let count = max(1, rows.last { $0.step == Step.checkCrashed.rawValue }?.count ?? 1)
        table.append([
          "disk a face", "", "\(count)", "", "", "", "",
          "\(bytes[0] / count) bytes of data.mdb, \(bytes[1] / count) of index.snapshot",
        ])
      }
    }
    if !arguments[keep] { try? FileManager.default.removeItem(atPath: gallery) }
    if arguments[json] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      Terminal.print(String(decoding: try encoder.encode(rows), as: UTF8.self) + "\n")
    } else {
      Terminal.print(machine.text + "\n" + table.text)
    }
    return .success
  }

  /// Runs a step; the one that crashes is killed as soon as it has reported, before it can close its gallery.
  private static func start(_ step: Step, _ size: String, _ folder: String) throws -> StepFigures? {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["step", step.rawValue, size, "--folder", folder]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard step == .crash || process.terminationStatus == 0 else {
      throw InputError("The step \"\(step.title)\" failed.")
    }
    return try JSONDecoder().decode(StepFigures.self, from: data)
  }
}
