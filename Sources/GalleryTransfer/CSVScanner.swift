internal import GalleryStore
internal import Support

/// Reads comma-separated values (RFC 4180) record by record.
struct CSVScanner {
  private let file: MappedFile
  private var offset = 0
  /// The line in which the record read last begins, from 1.
  private(set) var line = 0
  private var nextLine = 1

  init(_ file: MappedFile) {
    self.file = file
    // A byte-order mark, as spreadsheets write it.
    if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// The fields of the next record; nil at the end. Empty lines are skipped.
  mutating func record() throws(GalleryError) -> [String]? {
    let bytes = file.bytes
    while offset < bytes.count, bytes[offset] == 0x0A || bytes[offset] == 0x0D {
      if bytes[offset] == 0x0A { nextLine += 1 }
      offset += 1
    }
    guard offset < bytes.count else { return nil }
    line = nextLine
    var fields: [String] = []
    while true {
      fields.append(try field())
      guard offset < bytes.count, bytes[offset] == 0x2C else { break }
      offset += 1
    }
    if offset < bytes.count, bytes[offset] == 0x0D { offset += 1 }
    guard offset == bytes.count || bytes[offset] == 0x0A else {
      throw file.error(.unreadableFile, "line \(line): text follows a quoted field", line: line)
    }
    return fields
  }

  private mutating func field() throws(GalleryError) -> String {
    let bytes = file.bytes
    let start = offset
    guard offset < bytes.count, bytes[offset] == 0x22 else {
      while offset < bytes.count, bytes[offset] != 0x2C, bytes[offset] != 0x0A, bytes[offset] != 0x0D {
        offset += 1
      }
      return try text(Array(bytes[start..<offset]))
    }
    offset += 1
    var value: [UInt8] = []
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == 0x0A { nextLine += 1 }
      guard byte == 0x22 else {
        value.append(byte)
        continue
      }
      guard offset < bytes.count, bytes[offset] == 0x22 else { return try text(value) }
      value.append(0x22)
      offset += 1
    }
    throw file.error(.truncatedFile, "line \(line): a quoted field does not end", line: line)
  }

  private func text(_ bytes: [UInt8]) throws(GalleryError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw file.error(.unreadableFile, "line \(line): a field is no UTF-8", line: line)
    }
    return text
  }
}
