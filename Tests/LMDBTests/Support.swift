import Foundation
import LMDB
import TestSupport

extension TemporaryFolder {
  var dataFile: String { path + "/data.mdb" }
}

/// An environment with one database of numbers to bytes.
struct Table {
  let environment: Environment
  let database: Database<UInt64, [UInt8]>

  init(_ path: String, options: EnvironmentOptions = EnvironmentOptions()) throws {
    environment = try Environment(path: path, options: options)
    database = try environment.openDatabases(creating: !options.readOnly) { opener in
      try opener.database("table", key: UInt64.self, value: [UInt8].self)
    }
  }

  func put(_ value: [UInt8], for key: UInt64) throws {
    try environment.write { try $0.put(value, for: key, in: database) }
  }

  func value(for key: UInt64) throws -> [UInt8]? {
    try environment.read { try $0.value(for: key, in: database) }
  }

  func count() throws -> Int {
    try environment.read { try $0.count(of: database) }
  }
}
