internal import Foundation
internal import Synchronization

/// Who changes galleries, and by what: both are noted in their audit logs.
public struct AuditOrigin: Sendable, Hashable {
  /// Who: `user:NAME` of the operating system, or `key:NAME` of a server's key.
  public let who: String
  /// By what, such as `galleryctl add` or the method and pattern of a route.
  public let by: String

  /// An origin of changes.
  public init(who: String, by: String) {
    self.who = who
    self.by = by
  }

  /// That of the request that this thread works on; nil elsewhere.
  @TaskLocal public static var current: AuditOrigin?

  private static let processOrigin = Mutex(AuditOrigin(who: user, by: ProcessInfo.processInfo.processName))

  /// That of changes by no request: the user of the operating system, and the name of the program unless it says something else.
  public static var ofProcess: AuditOrigin { processOrigin.withLock { $0 } }

  /// Says by what this process changes galleries.
  public static func set(by: String) { processOrigin.withLock { $0 = AuditOrigin(who: $0.who, by: by) } }

  /// The user who runs this process.
  private static var user: String {
    let number = getuid()
    // The record is the system's own, and this runs once.
    guard let record = getpwuid(number), let name = record.pointee.pw_name else { return "user:\(number)" }
    return "user:\(String(cString: name))"
  }
}
