import COpenBLAS
public import Foundation

/// The machine and libraries that figures were taken with.
public struct MachineReport: Sendable, Codable {
  /// The processor's name.
  public let processor: String
  /// Cores that this process may run on.
  public let cores: Int
  /// The frequency governor, where the system names one.
  public let governor: String?
  /// Whether the system backs large allocations by huge pages.
  public let hugePages: String?
  /// Physical memory in bytes.
  public let memory: UInt64
  /// The system.
  public let system: String
  /// The vector kernels in use, by name.
  public let kernels: String
  /// The core type that OpenBLAS chose.
  public let openBLAS: String
  /// When the figures were taken.
  public let date: Date

  /// Reads the machine's figures; `kernels` names the index's.
  public init(kernels: String) {
    let lines = Self.text("/proc/cpuinfo")?.split(separator: "\n") ?? []
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    let family = lines.first { $0.hasPrefix("cpu family") }?.split(separator: ":").last
    let name = (model.map { $0.trimmingCharacters(in: .whitespaces) }) ?? "unknown processor"
    processor = family.map { "\(name) (family \($0.trimmingCharacters(in: .whitespaces)))" } ?? name
    cores = ProcessInfo.processInfo.activeProcessorCount
    governor = Self.text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    hugePages = Self.text("/sys/kernel/mm/transparent_hugepage/enabled")
      .flatMap { $0.split(separator: "[").last?.split(separator: "]").first }.map(String.init)
    memory = ProcessInfo.processInfo.physicalMemory
    system = ProcessInfo.processInfo.operatingSystemVersionString
    openBLAS = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
    self.kernels = kernels
    date = Date()
  }

  /// One paragraph for the head of a report.
  public var text: String {
    "\(processor), \(cores) cores, \(memory >> 30) GiB, \(system), governor \(governor ?? "not shown"), "
      + "huge pages \(hugePages ?? "not shown")\nkernels \(kernels), OpenBLAS for \(openBLAS)\n"
  }

  private static func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}
