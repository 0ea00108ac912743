import Foundation
import LMDB

enum LMDBJobs {
  /// Adds records one commit at a time and prints the number of each when it is committed.
  ///
  /// - Parameter limit: Greatest size of a file in bytes, nil for none: beyond it writes fail as on a full disk.
  static func fill(_ folder: String, count: Int, bytes: Int, limit: Int? = nil) throws {
    let environment = try Environment(path: folder, options: EnvironmentOptions(initialMapSize: 1 << 20))
    let table = try environment.openDatabases(creating: true) { opener in
      try opener.database("table", key: UInt64.self, value: [UInt8].self)
    }
    if let limit {
      signal(SIGXFSZ, SIG_IGN)
      var bounds = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &bounds)
    }
    for _ in 0..<count {
      let key = try environment.write { transaction in
        let key = UInt64(try transaction.count(of: table))
        try transaction.put(
          [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: bytes), for: key, in: table)
        return key
      }
      report(key)
    }
  }

  /// Begins to read, says so, and waits to be killed.
  static func holdReader(_ folder: String) throws {
    let environment = try Environment(path: folder)
    try environment.read { _ in
      report("reading")
      while true { sleep(1000) }
    }
  }

  /// Opens the environment, writes and says how many records there are.
  static func open(_ folder: String) throws {
    let environment = try Environment(path: folder)
    let table = try environment.openDatabases(creating: false) { opener in
      try opener.database("table", key: UInt64.self, value: [UInt8].self)
    }
    try environment.write { try $0.put([9], for: 1_000_000, in: table) }
    report("\(try environment.read { try $0.count(of: table) }) records")
  }

  /// Commits records one by one, and says of each commit whether it failed; reads after each, and says how many there are.
  static func writeAndRead(_ folder: String, count: Int) throws {
    let environment = try Environment(path: folder)
    let table = try environment.openDatabases(creating: true) { opener in
      try opener.database("table", key: UInt64.self, value: [UInt8].self)
    }
    report("begin")
    for key in 0..<UInt64(count) {
      do {
        try environment.write { try $0.put([1, 2, 3], for: key, in: table) }
        report("done \(key)")
      } catch {
        report("failed \(key)")
      }
      report("there \(try environment.read { try $0.count(of: table) })")
    }
  }

  /// Opens the environment as a user without rights.
  static func writeAsNobody(_ folder: String) throws {
    if geteuid() == 0 { setuid(65534) }
    _ = try Environment(path: folder)
    report("opened")
  }
}
