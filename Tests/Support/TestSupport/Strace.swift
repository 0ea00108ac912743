import Foundation

/// The program that traces others and has their system calls fail.
package enum Strace {
  /// Where it lies.
  package static let path = "/usr/bin/strace"

  /// Whether it is there and may trace.
  package static let works: Bool = {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = ["-f", "-qq", "-o", "/dev/null", "-e", "trace=none", "/bin/true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()
}
