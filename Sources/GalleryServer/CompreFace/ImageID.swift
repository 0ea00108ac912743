internal import FaceGallery
internal import Foundation

/// A face's number in the form of CompreFace's `image_id`: a UUID (version 8, RFC 9562) of which the first half is the
/// gallery's and the second the face's number, so that an id of another gallery finds nothing.
enum ImageID {
  static func text(of face: FaceID, in gallery: UUID) -> String {
    var bytes = prefix(of: gallery)
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(face.rawValue >> UInt64(shift) & 0xff))
    }
    // The variant takes the upper two bits; no gallery has 2⁶² faces.
    bytes[8] = bytes[8] & 0x3f | 0x80
    let digits = bytes.map { byte in
      let text = String(byte, radix: 16)
      return text.count < 2 ? "0" + text : text
    }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }

  /// The face of an id; nil for an id of another gallery, or of none.
  static func face(_ text: String, in gallery: UUID) -> FaceID? {
    guard let uuid = UUID(uuidString: text)?.uuid else { return nil }
    let bytes = withUnsafeBytes(of: uuid) { Array($0) }
    guard Array(bytes.prefix(8)) == prefix(of: gallery), bytes[8] & 0xc0 == 0x80 else { return nil }
    let number = bytes.dropFirst(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return FaceID(rawValue: number & (UInt64.max >> 2))
  }

  private static func prefix(of gallery: UUID) -> [UInt8] {
    var bytes = Array(withUnsafeBytes(of: gallery.uuid) { Array($0) }.prefix(8))
    bytes[6] = bytes[6] & 0x0f | 0x80
    return bytes
  }
}
