internal import FaceEngine
internal import Foundation

/// A face's record as `faces` holds it; docs/gallery-format.md has the bytes.
struct EncodedFace: Hashable {
  var record: StoredFace
  /// Fields of newer versions, kept when the record is written again.
  var rest: [UInt8] = []
  /// Nil in a record that was written before format 1.3.
  var checksums: Checksums?

  /// Version 1 had no checksums.
  static let version: UInt8 = 2

  /// Of what other databases hold about the face.
  struct Checksums: Hashable {
    /// Whose vector it is; see ``VectorForm/engine``.
    var engine: UInt32
    var vector: UInt32
    /// 0 when no thumbnail is kept.
    var thumbnail: UInt32 = 0
  }

  /// What stands before the name of the landmarks' scheme. A program of format 1.2 may have left checksums in its place.
  private static let schemeTag = Array("LMK:".utf8)

  private struct Parts: OptionSet {
    let rawValue: UInt8
    static let photo = Parts(rawValue: 1)
    static let detection = Parts(rawValue: 2)
    static let path = Parts(rawValue: 4)
  }

  init(_ record: StoredFace, checksums: Checksums? = nil) {
    self.record = record
    self.checksums = checksums
  }

  var encoded: [UInt8] {
    var parts: Parts = []
    if record.photo != nil { parts.insert(.photo) }
    if record.detection != nil { parts.insert(.detection) }
    if record.path != nil { parts.insert(.path) }
    var writer = ByteWriter()
    writer.integer(checksums == nil ? 1 : Self.version as UInt8)
    writer.integer(parts.rawValue)
    writer.integer(record.person.rawValue)
    writer.integer(record.added.milliseconds)
    if let photo = record.photo { writer.raw(photo.bytes) }
    if let detection = record.detection { writer.detection(detection) }
    if let path = record.path { writer.text(path) }
    if let scheme = record.detection?.scheme, scheme != .dlib5 {
      writer.raw(Self.schemeTag)
      writer.text(scheme.rawValue)
    }
    writer.raw(rest)
    if let checksums {
      for value in [checksums.engine, checksums.vector, checksums.thumbnail] { writer.integer(value) }
      writer.seal()
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let parts = Parts(rawValue: try reader.integer())
    record = StoredFace(
      person: PersonID(rawValue: try reader.integer()), added: Date(milliseconds: try reader.integer()),
      photo: nil, detection: nil, path: nil)
    if parts.contains(.photo) {
      record.photo = PhotoDigest(bytes: Array(try reader.raw(PhotoDigest.byteCount)))
    }
    if parts.contains(.detection) { record.detection = try reader.detection() }
    if parts.contains(.path) { record.path = try reader.text() }
    // Records of dlib's five landmarks have no such field, as all did before format 1.4.
    if parts.contains(.detection), reader.skip(Self.schemeTag) {
      record.detection?.scheme = LandmarkScheme(rawValue: try reader.text())
    }
    rest = reader.rest()
    guard bytes[0] >= Self.version else { return }
    var last = ByteReader(rest.suffix(12))
    checksums = Checksums(
      engine: try last.integer(), vector: try last.integer(), thumbnail: try last.integer())
    rest.removeLast(12)
  }
}
