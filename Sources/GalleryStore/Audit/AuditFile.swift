internal import Foundation
internal import Support

/// The file of a gallery's audit log: a JSON object a line, each with the digest of the one before. It is its owner's alone, and only ever
/// appended to.
struct AuditFile {
  /// The file's name in the gallery's folder.
  static let name = "audit.jsonl"

  let path: String

  init(in folder: String) { path = "\(folder)/\(Self.name)" }

  /// No line is longer.
  private static let longestLine = 64 << 10

  /// So long a change waits for another program that has the file locked.
  static let patience = Duration.seconds(2)

  var isThere: Bool { InputFile.isThere(path) }

  /// Why what is at the path can be no log, as the end of a sentence; nil for a file with bytes of its own, and where there is nothing.
  var fault: String? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return nil
    case S_IFLNK: return "is a link"
    default: return "is no regular file"
    }
  }

  /// Makes sure that the line of a head is in the file and on disk: it is appended when it is the next one, or what is missing of it.
  ///
  /// - Parameters:
  ///   - isLast: Whether it has to be the last one, as for somebody who keeps other writers out.
  ///   - patience: How long to wait for somebody who has the file locked.
  /// - Throws: ``GalleryError`` with code `auditLog` when the file does not end where it should, is no regular file or stays locked,
  ///   `SystemError` when it cannot be written.
  func settle(_ head: AuditHead, isLast: Bool, patience: Duration = AuditFile.patience) throws {
    if head.number == 0 || head.line.isEmpty { return }
    let isFirst = head.number == 1
    guard let descriptor = try openFile(O_RDWR | O_APPEND | (isFirst ? O_CREAT : 0)) else {
      throw broken("\(path) is gone")
    }
    defer { close(descriptor) }
    do {
      try lock(descriptor, patience: patience)
    } catch {
      // Of many writers, another one may have written it meanwhile.
      guard !isLast, try isWritten(head, in: descriptor) else { throw error }
      guard fsync(descriptor) == 0 else { throw SystemError("be written", path) }
      return
    }
    let (last, rest) = try tail(of: descriptor)
    let line = Array(head.line.utf8) + [0x0A]
    if let last, last + [0x0A] == line {
      guard isLast, !rest.isEmpty else { return }
      throw broken("\(path) ends in something that is no line")
    }
    let entry = last.flatMap { AuditLine.decode($0) }
    if let entry, !isLast, entry.number > head.number { return }
    let isNext =
      last == nil ? isFirst : entry?.number == head.number - 1 && entry?.sha256 == head.previous
    guard isNext, line.starts(with: rest) else {
      throw broken("\(path) does not end in the line that the gallery notes as the last one")
    }
    try append(line.dropFirst(rest.count), to: descriptor)
    guard fsync(descriptor) == 0 else { throw SystemError("be written", path) }
    if isFirst { try Folder.synchronize(Folder.of(path)) }
  }

  /// Whether the file ends in the line of a head now; waits for nobody.
  func ends(in head: AuditHead) -> Bool {
    guard let descriptor = try? openFile(O_RDONLY) else { return false }
    defer { close(descriptor) }
    guard let end = try? tail(of: descriptor) else { return false }
    return end.rest.isEmpty && end.line == Array(head.line.utf8)
  }

  /// The first and the last entry; nil when there is no file, or nothing in it.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` when one of them is not what was written, or something is behind the last one.
  func firstAndLast() throws -> (first: AuditEntry, last: AuditEntry)? {
    guard let descriptor = try openFile(O_RDONLY) else { return nil }
    defer { close(descriptor) }
    let (line, rest) = try tail(of: descriptor)
    if line == nil, rest.isEmpty { return nil }
    var first: AuditEntry?
    try forEachLine { bytes, _ in
      first = AuditLine.decode(bytes)
      return false
    }
    guard rest.isEmpty, let line, let last = AuditLine.decode(line), let first else {
      throw broken("\(path) does not begin and end in a line of the log")
    }
    return (first, last)
  }

  /// Calls `body` with each line without its line feed, and whether it has one, until it returns false.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` for what is no regular file, and what `body` throws.
  func forEachLine(_ body: ([UInt8], Bool) throws -> Bool) throws {
    if let fault { throw broken("\(path) \(fault)") }
    let file = try MappedFile(path)
    var rest = file.bytes[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != 0x0A }
      let isEnded = line.count < rest.count
      guard try body(Array(line), isEnded) else { return }
      rest = rest.dropFirst(line.count + 1)
    }
  }

  /// Opens the file; nil when there is none.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` for what is no regular file, `SystemError`.
  private func openFile(_ flags: Int32) throws -> Int32? {
    // Links lead elsewhere, and a pipe would wait for its other end.
    let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, FileMode.file)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return nil }
      if let fault { throw broken("\(path) \(fault)") }
      throw SystemError("be opened", path, code: code)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw broken("\(path) is no regular file")
    }
    return descriptor
  }

  /// Whether the line of a head, or a later one, is the file's last one.
  private func isWritten(_ head: AuditHead, in descriptor: Int32) throws -> Bool {
    guard let last = try tail(of: descriptor).line else { return false }
    if last == Array(head.line.utf8) { return true }
    guard let entry = AuditLine.decode(last) else { return false }
    return entry.number > head.number
  }

  /// Takes the file's lock, which ends when the descriptor is closed.
  private func lock(_ descriptor: Int32, patience: Duration) throws {
    let deadline = ContinuousClock.now + patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      guard code == EWOULDBLOCK else { throw SystemError("be locked", path, code: code) }
      guard ContinuousClock.now < deadline else {
        throw GalleryError(
          .auditLog,
          "The audit log \(path) is locked by another program; nothing is changed while it is: end that program, then try again."
        )
      }
      usleep(1_000)
    }
  }

  /// The last line that ends, and what follows it.
  private func tail(of descriptor: Int32) throws -> (line: [UInt8]?, rest: [UInt8]) {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size >= 0 else { throw SystemError("be read", path) }
    let wanted = min(size, 2 * Self.longestLine)
    var bytes = [UInt8](repeating: 0, count: wanted)
    let count = pread(descriptor, &bytes, wanted, off_t(size - wanted))
    guard count == wanted else { throw SystemError("be read", path, code: count < 0 ? nil : EIO) }
    guard let end = bytes.lastIndex(of: 0x0A) else { return (nil, bytes) }
    let start = bytes[..<end].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return (Array(bytes[start..<end]), Array(bytes[(end + 1)...]))
  }

  private func append(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw SystemError("be written", path, code: written < 0 ? nil : ENOSPC) }
      rest = rest.dropFirst(written)
    }
  }

  private func broken(_ what: String) -> GalleryError {
    GalleryError(
      .auditLog,
      "The audit log is not what was written: \(what). Nothing is changed before that is settled: `galleryctl audit verify` says where; "
        + "move the file to a safe place, then `galleryctl audit on` begins a new one.")
  }
}
