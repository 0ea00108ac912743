import Foundation

/// The memory of this process.
public enum ProcessMemory {
  /// Bytes in physical memory now, 0 where the system does not tell.
  public static var resident: Int {
    guard let data = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
    let fields = String(decoding: data, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
