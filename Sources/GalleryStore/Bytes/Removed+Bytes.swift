internal import FaceEngine
internal import Foundation

/// Version of both kinds of record.
private let recordVersion: UInt8 = 1

/// A removed face as stores hold it; docs/gallery-format.md has the bytes.
extension RemovedFace {
  func encoded(as id: FaceID) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(recordVersion)
    for value in [removal, id.rawValue, newest, group ?? 0] { writer.integer(value) }
    writer.text(name)
    writer.block(EncodedFace(record).encoded)
    writer.tags(tags)
    writer.block(vector)
    writer.block(thumbnail ?? [])
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8], of id: FaceID) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: recordVersion)
    let removal = try reader.integer(UInt64.self)
    guard try reader.integer(UInt64.self) == id.rawValue else { throw ByteReader.Malformed() }
    let (newest, group) = (try reader.integer(UInt64.self), try reader.integer(UInt64.self))
    let name = try reader.text()
    let record = try EncodedFace(decoding: try reader.block()).record
    let tags = try reader.tags()
    let (vector, thumbnail) = (try reader.block(), try reader.block())
    self.init(
      removal: removal, record: record, name: name, tags: tags, vector: vector,
      thumbnail: thumbnail.isEmpty ? nil : thumbnail, group: group == 0 ? nil : group, newest: newest)
  }
}

/// A removed person as stores hold one; docs/gallery-format.md has the bytes.
extension RemovedPerson {
  func encoded(as id: PersonID) -> [UInt8] {
    var writer = ByteWriter()
    writer.integer(recordVersion)
    for value in [removal, id.rawValue, UInt64(faceCount)] { writer.integer(value) }
    writer.block(EncodedPerson(record).encoded)
    writer.tags(tags)
    writer.integer(UInt32(formerNames.count))
    for digest in formerNames { writer.block(Array(digest.utf8)) }
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8], of id: PersonID) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: recordVersion)
    let removal = try reader.integer(UInt64.self)
    guard try reader.integer(UInt64.self) == id.rawValue,
      let faceCount = Int(exactly: try reader.integer(UInt64.self))
    else { throw ByteReader.Malformed() }
    let record = try EncodedPerson(decoding: try reader.block()).record
    let tags = try reader.tags()
    var formerNames: [String] = []
    for _ in 0..<(try reader.integer(UInt32.self)) {
      guard let digest = String(validating: try reader.block(), as: UTF8.self) else {
        throw ByteReader.Malformed()
      }
      formerNames.append(digest)
    }
    self.init(
      removal: removal, record: record, tags: tags, formerNames: formerNames, faceCount: faceCount)
  }
}

extension ByteWriter {
  /// Bytes after their number in four bytes.
  fileprivate mutating func block(_ bytes: [UInt8]) {
    integer(UInt32(bytes.count))
    raw(bytes)
  }

  mutating func tags(_ tags: [String: String]) {
    integer(UInt32(tags.count))
    for (key, value) in tags.sorted(by: { $0.key < $1.key }) {
      block(Array(key.utf8))
      block(Array(value.utf8))
    }
  }
}

extension ByteReader {
  fileprivate mutating func block() throws(Malformed) -> [UInt8] {
    Array(try raw(Int(try integer(UInt32.self))))
  }

  fileprivate mutating func tags() throws(Malformed) -> [String: String] {
    var tags: [String: String] = [:]
    for _ in 0..<(try integer(UInt32.self)) {
      guard let key = String(validating: try block(), as: UTF8.self),
        let value = String(validating: try block(), as: UTF8.self)
      else { throw Malformed() }
      tags[key] = value
    }
    return tags
  }
}
