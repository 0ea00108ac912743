internal import Glibc

/// The name of a file or folder that is not finished: that of the finished one, the process, and a random number, so that
/// neither processes nor threads meet; `faces.npy.4711-0f3a99c2.partial`.
///
/// Who makes one holds a lock on it (`flock`) until it is finished or given up. The system ends the lock with the process,
/// so what is not locked was left by a process that was killed.
enum UnfinishedName {
  private static let ending = ".partial"
  /// Longer names would exceed what file systems take.
  private static let longest = 200

  /// How often one is made again that others take for a leftover in the instant before it is locked; more often than that something is
  /// wrong, such as a file system that gives a file two numbers.
  static let mostAttempts = 100

  static func make(for path: String) -> String {
    let digits = String(UInt32.random(in: 0 ... .max), radix: 16)
    let number = String(repeating: "0", count: 8 - digits.count) + digits
    var base = path
    while base.count > 1, base.hasSuffix("/") { base.removeLast() }
    let name = base.split(separator: "/").last.map(String.init) ?? base
    if name.utf8.count > longest {
      let short = String(decoding: name.utf8.prefix(longest), as: UTF8.self)
      base = "\(Folder.of(base))/\(short)"
    }
    return "\(base).\(getpid())-\(number)\(ending)"
  }

  /// Whether a name is one that ``make(for:)`` gives.
  static func matches(_ name: String) -> Bool {
    guard name.hasSuffix(ending) else { return false }
    let parts = name.dropLast(ending.count).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let numbers = parts.last?.split(separator: "-", omittingEmptySubsequences: false)
    else { return false }
    return numbers.count == 2 && !numbers[0].isEmpty && numbers[0].allSatisfy { $0.isASCII && $0.isNumber }
      && numbers[1].count == 8 && numbers[1].allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  /// Takes the lock of something that was just made; false when it was taken for a leftover meanwhile, and is gone.
  ///
  /// On a file system without locks it goes on without one: there nothing is ever taken for a leftover either.
  static func lock(_ descriptor: Int32, at path: String) -> Bool {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return errno != EWOULDBLOCK }
    var (own, there) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(PathText.system(path), &there) == 0
      && own.st_ino == there.st_ino
      && own.st_dev == there.st_dev
  }
}

/// What processes that were killed left of files and folders that they had not finished.
public enum Leftovers {
  /// Removes those of one file or folder, beside it.
  ///
  /// - Returns: Their names, sorted.
  @discardableResult
  public static func clear(of path: String) -> [String] {
    let name = path.split(separator: "/").last.map { "\($0)." } ?? ""
    return clear(in: Folder.of(path)) { $0.hasPrefix(name) }
  }

  /// Removes them from a folder; what a living process is still writing stays, by its lock.
  ///
  /// - Parameter isWanted: Asked for each name, which of them are to go.
  /// - Returns: The names of those that were removed, sorted.
  @discardableResult
  public static func clear(in folder: String, where isWanted: (String) -> Bool = { _ in true }) -> [String] {
    var cleared: [String] = []
    for name in (try? Folder.names(in: folder))?.valid ?? [] where UnfinishedName.matches(name) {
      guard isWanted(name) else { continue }
      let path = "\(folder)/\(name)"
      let descriptor = open(PathText.system(path), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      // The lock is held until it is gone, so that nobody else removes what comes after it.
      defer { close(descriptor) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
      Folder.remove(path)
      cleared.append(name)
    }
    return cleared.sorted()
  }
}
