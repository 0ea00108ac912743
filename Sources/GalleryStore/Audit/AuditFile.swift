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

  var isThere: Bool { InputFile.isThere(path) }

  /// Makes sure that the line of a head is in the file and on disk: it is appended when it is the next one, or what is missing of it.
  ///
  /// - Parameter isLast: Whether it has to be the last one, as for somebody who keeps other writers out.
  /// - Throws: ``GalleryError`` with code `auditLog` when the file does not end where it should, `SystemError` when it cannot be written.
  func settle(_ head: AuditHead, isLast: Bool) throws {
    if head.number == 0 || head.line.isEmpty { return }
    let isFirst = head.number == 1
    // Links lead elsewhere, and a pipe would wait for its reader.
    let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (isFirst ? O_CREAT : 0)
    let descriptor = open(path, flags, FileMode.file)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw broken("\(path) is gone") }
      throw SystemError("be opened", path)
    }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw SystemError("be locked", path) }
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

  /// The last entry; nil when there is no file, or when it does not end in a line that is what was written.
  func last() throws -> AuditEntry? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw SystemError("be read", path)
    }
    defer { close(descriptor) }
    let (last, rest) = try tail(of: descriptor)
    return rest.isEmpty ? last.flatMap { AuditLine.decode($0) } : nil
  }

  /// Calls `body` with each line without its line feed, and whether it has one, until it returns false.
  func forEachLine(_ body: ([UInt8], Bool) throws -> Bool) throws {
    let file = try MappedFile(path)
    var rest = file.bytes[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != 0x0A }
      let isEnded = line.count < rest.count
      guard try body(Array(line), isEnded) else { return }
      rest = rest.dropFirst(line.count + 1)
    }
  }

  /// The last line that ends, and what follows it.
  private func tail(of descriptor: Int32) throws -> (line: [UInt8]?, rest: [UInt8]) {
    let size = Int(lseek(descriptor, 0, SEEK_END))
    let wanted = min(size, 2 * Self.longestLine)
    var bytes = [UInt8](repeating: 0, count: wanted)
    let count = pread(descriptor, &bytes, wanted, off_t(size - wanted))
    guard size >= 0, count == wanted else { throw SystemError("be read", path, code: count < 0 ? nil : EIO) }
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
