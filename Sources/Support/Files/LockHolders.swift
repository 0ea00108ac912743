internal import Foundation

/// Which processes hold locks on a file, as the system lists them.
public enum LockHolders {
  /// The numbers of the other processes that hold or wait for a lock on a file, in order; none where the system does not
  /// tell (`/proc/locks` is Linux's, and has no processes of other containers).
  public static func processes(of path: String) -> [Int32] {
    var status = stat()
    guard stat(path, &status) == 0, let list = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
    else {
      return []
    }
    // A device is MAJOR:MINOR in hexadecimal, as <sys/sysmacros.h> takes them apart.
    let device = UInt64(status.st_dev)
    let major = (device >> 8) & 0xFFF | (device >> 32) & ~0xFFF
    let minor = device & 0xFF | (device >> 12) & ~0xFF
    let file = [major, minor].map { number in
      let digits = String(number, radix: 16)
      return digits.count < 2 ? "0" + digits : digits
    }
    let place = file.joined(separator: ":") + ":\(status.st_ino)"
    var processes: Set<Int32> = []
    for line in list.split(separator: "\n") {
      // 3: POSIX  ADVISORY  WRITE 26909 fe:00:5474736 1073741824 1073742335
      let words = line.split(separator: " ")
      guard let found = words.firstIndex(where: { $0 == place }), found > 0,
        let process = Int32(words[found - 1])
      else {
        continue
      }
      if process > 0, process != getpid() { processes.insert(process) }
    }
    return processes.sorted()
  }

  /// The same as the rest of a sentence, such as "process 1234 (galleryctl serve)"; nil when nobody is known.
  public static func description(of path: String) -> String? {
    let names = processes(of: path).map { process in
      let line = (try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))) ?? Data()
      let words = line.split(separator: 0).prefix(2).map { String(decoding: $0, as: UTF8.self) }
      let program = words.first.map { URL(filePath: $0).lastPathComponent } ?? ""
      // An option says nothing of what the program does.
      let command = ([program] + words.dropFirst().filter { !$0.hasPrefix("-") }).joined(separator: " ")
      return command.isEmpty ? "process \(process)" : "process \(process) (\(command))"
    }
    guard let last = names.last else { return nil }
    return names.count == 1 ? last : names.dropLast().joined(separator: ", ") + " and " + last
  }
}
