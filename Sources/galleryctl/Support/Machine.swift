import Foundation

/// The machine that the program runs on.
struct Machine {
  let system: String
  let processor: String
  let cores: Int
  let memoryBytes: Int

  static var current: Machine {
    Machine(
      system: value(of: "PRETTY_NAME", in: "/etc/os-release", separator: "=")
        ?? ProcessInfo.processInfo.operatingSystemVersionString,
      processor: value(of: "model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown processor",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: Int(ProcessInfo.processInfo.physicalMemory))
  }

  /// The value of the first line `key SEPARATOR value` of a system file.
  private static func value(of key: String, in file: String, separator: Character) -> String? {
    guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1)
      guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == key else { continue }
      return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " \""))
    }
    return nil
  }
}
