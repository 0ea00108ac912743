internal import Foundation
internal import Support

/// What a store notes of its audit log, in the transaction that makes a change: so the last line is known, whole, also when the process
/// was killed before it was in the file, and lines that are cut off are missed.
struct AuditHead: Codable, Hashable {
  /// Whether changes are noted.
  var isOn: Bool
  /// The number of the last line; 0 before the first.
  var number: Int
  /// The digest of the line before.
  var previous: String
  /// The digest of the last line.
  var sha256: String
  /// The gallery's last change that a line tells of.
  var through: UInt64
  /// The text of the last line, without its line feed.
  var line: String
  /// What the first line has for the digest of the line before: that of the UUID of the gallery in which the log began, which a restored
  /// backup may have replaced. Nil in what was written before: that of the gallery's own.
  var start: String?

  /// The head of a log without lines.
  init(of gallery: UUID) {
    let digest = SHA256.hexadecimal(of: Array(gallery.uuidString.lowercased().utf8))
    (isOn, number, previous, sha256, through, line) = (false, 0, "", digest, 0, "")
    start = digest
  }

  /// The head of a log that ends in a line.
  init(after entry: AuditEntry, start: String) {
    isOn = entry.event != .off
    self.start = start
    (number, previous, through, line) = (entry.number, entry.previous, entry.through, "")
    sha256 = entry.sha256 ?? ""
  }

  /// The head after another line.
  func appending(_ entry: AuditEntry) throws -> AuditHead {
    var head = self
    (head.line, head.sha256) = try AuditLine.encode(entry)
    (head.number, head.previous, head.through) = (entry.number, sha256, entry.through)
    head.isOn = entry.event != .off
    return head
  }
}

/// What the audit log says of a transaction.
enum AuditNote {
  /// It begins here, in a new file.
  case begin
  /// It goes on here.
  case resume
  /// It ends here.
  case end
  /// Something happened beside the people and faces; to the key of this name.
  case event(AuditEntry.Event, key: String?)
  /// The gallery was changed.
  case change
}

/// How a gallery's audit log stands.
public struct AuditState: Sendable, Hashable, Codable {
  /// Whether changes are noted.
  public let isOn: Bool
  /// How many lines there are, by what the gallery notes of them.
  public let lines: Int
  /// The digest of the last line: whoever keeps it elsewhere can tell a log, or a gallery with its log, that was put back or
  /// written anew; nil before the first line.
  public let sha256: String?
  /// The gallery's last change that a line tells of.
  public let through: UInt64

  init(_ head: AuditHead?) {
    isOn = head?.isOn ?? false
    lines = head?.number ?? 0
    sha256 = lines == 0 ? nil : head?.sha256
    through = head?.through ?? 0
  }
}

/// What a look at every line of an audit log has found.
public struct AuditReport: Sendable, Hashable, Codable {
  /// Something that is wrong.
  public struct Problem: Sendable, Hashable, Codable {
    /// In which line; nil where it is in none.
    public let line: Int?
    /// What is wrong, as a sentence.
    public let message: String
  }

  /// How the log stands.
  public let state: AuditState
  /// Lines that were read and fit together.
  public internal(set) var lines = 0
  /// What is wrong; the lines after one that is wrong are not looked at.
  public internal(set) var problems: [Problem] = []
  /// What is remarkable and not wrong, a sentence each.
  public internal(set) var remarks: [String] = []

  init(_ state: AuditState) { self.state = state }
}
