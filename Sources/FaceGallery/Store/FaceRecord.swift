internal import FaceEngine
internal import Foundation

/// What `faces` holds about a face, besides its vector; docs/gallery-format.md has the bytes.
struct FaceRecord: Hashable {
  var person: PersonID
  var added: Date
  var photo: PhotoDigest?
  var detection: DetectedFace?
  var path: String?
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
    /// 0 when no picture is kept.
    var picture: UInt32 = 0
  }

  /// What stands before the name of the landmarks' scheme. A program of format 1.2 may have left checksums in its place.
  private static let schemeTag = Array("LMK:".utf8)

  /// Longer paths are cut off.
  static let maximumPathBytes = 4096

  private struct Parts: OptionSet {
    let rawValue: UInt8
    static let photo = Parts(rawValue: 1)
    static let detection = Parts(rawValue: 2)
    static let path = Parts(rawValue: 4)
  }

  init(person: PersonID, added: Date, photo: PhotoDigest?, detection: DetectedFace?, path: String?) {
    self.person = person
    self.added = added
    self.photo = photo
    self.detection = detection
    self.path = path.map { String($0.utf8Prefix(Self.maximumPathBytes)) }
  }

  var encoded: [UInt8] {
    var parts: Parts = []
    if photo != nil { parts.insert(.photo) }
    if detection != nil { parts.insert(.detection) }
    if path != nil { parts.insert(.path) }
    var writer = ByteWriter()
    writer.integer(checksums == nil ? 1 : Self.version as UInt8)
    writer.integer(parts.rawValue)
    writer.integer(person.rawValue)
    writer.integer(added.milliseconds)
    if let photo { writer.raw(photo.bytes) }
    if let detection { writer.detection(detection) }
    if let path { writer.text(path) }
    if let scheme = detection?.scheme, scheme != .dlib5 {
      writer.raw(Self.schemeTag)
      writer.text(scheme.rawValue)
    }
    writer.raw(rest)
    if let checksums {
      for value in [checksums.engine, checksums.vector, checksums.picture] { writer.integer(value) }
      writer.seal()
    }
    return writer.bytes
  }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(record: bytes, sealedFrom: Self.version)
    let parts = Parts(rawValue: try reader.integer())
    person = PersonID(rawValue: try reader.integer())
    added = Date(milliseconds: try reader.integer())
    if parts.contains(.photo) {
      photo = PhotoDigest(bytes: Array(try reader.raw(PhotoDigest.byteCount)))
    }
    if parts.contains(.detection) { detection = try reader.detection() }
    if parts.contains(.path) { path = try reader.text() }
    // Records of dlib's five landmarks have no such field, as all did before format 1.4.
    if parts.contains(.detection), reader.skip(Self.schemeTag) {
      detection?.scheme = LandmarkScheme(rawValue: try reader.text())
    }
    rest = reader.rest()
    guard bytes[0] >= Self.version else { return }
    var last = ByteReader(rest.suffix(12))
    checksums = Checksums(
      engine: try last.integer(), vector: try last.integer(), picture: try last.integer())
    rest.removeLast(12)
  }

  func enrolled(_ id: FaceID) -> EnrolledFace {
    EnrolledFace(id: id, person: person, detection: detection, photo: photo, path: path, added: added)
  }
}

extension ByteWriter {
  fileprivate mutating func detection(_ face: DetectedFace) {
    for value in [face.box.x, face.box.y, face.box.width, face.box.height] {
      integer(Int32(clamping: value))
    }
    integer(UInt8(clamping: face.landmarks.count))
    for point in face.landmarks.prefix(Int(UInt8.max)) {
      double(point.x)
      double(point.y)
    }
    integer(Int32(clamping: face.quality.size))
    for value in [
      face.quality.sharpness, face.quality.yaw, face.quality.roll, face.quality.detectorScore,
    ] { float(value) }
  }
}

extension ByteReader {
  fileprivate mutating func detection() throws(Malformed) -> DetectedFace {
    let box = PixelRect(
      x: Int(try integer(Int32.self)), y: Int(try integer(Int32.self)),
      width: Int(try integer(Int32.self)), height: Int(try integer(Int32.self)))
    var landmarks: [PixelPoint] = []
    for _ in 0..<(try integer(UInt8.self)) {
      landmarks.append(PixelPoint(x: try double(), y: try double()))
    }
    let size = Int(try integer(Int32.self))
    let quality = FaceQuality(
      size: size, sharpness: try float(), yaw: try float(), roll: try float(), detectorScore: try float())
    return DetectedFace(box: box, landmarks: landmarks, quality: quality)
  }
}

extension String {
  /// The longest beginning, of whole characters, that takes at most so many bytes in UTF-8.
  fileprivate func utf8Prefix(_ limit: Int) -> Substring {
    guard utf8.count > limit else { return self[...] }
    var bytes = 0
    return prefix { character in
      bytes += character.utf8.count
      return bytes <= limit
    }
  }
}
