import FaceEngine
import Foundation
import Testing

@testable import GalleryStore

@Suite("Records as bytes")
struct RecordTests {
  @Test("CRC-32C gives the published value, from any length and alignment")
  func values() {
    #expect(CRC32C.of("123456789".utf8) == 0xE306_9283)
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of([]) == 0)
    let bytes = (0..<100).map { UInt8($0 * 7 & 255) }
    for length in [1, 7, 8, 9, 31, 100] {
      var sum = UInt32.max
      for byte in bytes.prefix(length) {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
      }
      #expect(CRC32C.of(bytes[0..<length]) == ~sum)
    }
  }

  @Test("fields that a newer version appended to records survive being written again")
  func appendedFields() throws {
    var newerPerson = EncodedPerson(StoredPerson(name: "Ada", created: .storable))
    newerPerson.rest = [1, 2, 3]
    var person = try EncodedPerson(decoding: newerPerson.encoded)
    person.record.name = "Bob"
    #expect(try EncodedPerson(decoding: person.encoded).rest == [1, 2, 3])
    let face = EncodedFace(
      StoredFace(
        person: PersonID(rawValue: 7), added: .storable, photo: PhotoDigest(of: [1]), detection: nil,
        path: "p"))
    var newer = try EncodedFace(decoding: face.encoded + [9])
    newer.record.person = PersonID(rawValue: 8)
    let read = try EncodedFace(decoding: newer.encoded)
    #expect(read.rest == [9] && read.record.path == "p" && read.record.person.rawValue == 8)
    newer.checksums = EncodedFace.Checksums(engine: 1, vector: 2, thumbnail: 3)
    #expect(try EncodedFace(decoding: newer.encoded) == newer)
  }

  @Test("the records are the bytes that docs/gallery-format.md says")
  func bytes() throws {
    let person = EncodedPerson(
      StoredPerson(name: "Zoë", created: Date(milliseconds: 0x0102_0304_0506)))
    #expect(
      person.encoded == [2, 6, 5, 4, 3, 2, 1, 0, 0, 4, 0, 0x5A, 0x6F, 0xC3, 0xAB, 0x55, 0x25, 0xD4, 0x54])
    var chosen = person
    chosen.record.picture = FaceID(rawValue: 0x0203)
    let field = Array("PIC:".utf8) + [3, 2, 0, 0, 0, 0, 0, 0]
    #expect(chosen.encoded.dropLast(4) == person.encoded.dropLast(4) + field)
    #expect(try EncodedPerson(decoding: chosen.encoded) == chosen)
    // A program of format 1.2 sets the version to 1 and keeps what it does not know, the checksum among it.
    #expect(try EncodedPerson(decoding: [1] + chosen.encoded.dropFirst()).record == chosen.record)
    #expect(try EncodedPerson(decoding: [1] + person.encoded.dropFirst()).record == person.record)
    let change = Change(
      kind: .removed, face: FaceID(rawValue: 0x0203), person: PersonID(rawValue: 4), tag: 5)
    #expect(
      change.encoded
        == [2] + [3, 2, 0, 0, 0, 0, 0, 0] + [4, 0, 0, 0, 0, 0, 0, 0] + [5, 0, 0, 0, 0, 0, 0, 0]
        + [0x08, 0xAA, 0x66, 0xCF])
    let detection = DetectedFace(
      box: PixelRect(x: -1, y: 2, width: 3, height: 4), landmarks: [PixelPoint(x: 1, y: -2)],
      quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: -2, detectorScore: 0.5))
    var face = EncodedFace(
      StoredFace(
        person: PersonID(rawValue: 9), added: Date(milliseconds: 1), photo: nil, detection: detection,
        path: "é"))
    let head: [UInt8] = [1, 6, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    let box: [UInt8] = [255, 255, 255, 255, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]
    let landmarks: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    let quality: [UInt8] = [3, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F]
    #expect(face.encoded == head + box + landmarks + quality + [2, 0, 0xC3, 0xA9])
    #expect(try EncodedFace(decoding: face.encoded) == face)
    face.checksums = EncodedFace.Checksums(engine: 0x0102_0304, vector: 0x0506_0708)
    let sums: [UInt8] = [4, 3, 2, 1, 8, 7, 6, 5, 0, 0, 0, 0, 0xD4, 0x21, 0x63, 0x2C]
    #expect(face.encoded == [2] + head.dropFirst() + box + landmarks + quality + [2, 0, 0xC3, 0xA9] + sums)
    #expect(try EncodedFace(decoding: face.encoded) == face)
    #expect(VectorBytes.encode([1, -2]) == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
  }

  @Test(
    "a face record names its landmarks' scheme unless they are dlib's five, also after a program of format 1.2 rewrote it"
  )
  func landmarkScheme() throws {
    var detection = DetectedFace(
      box: PixelRect(x: 0, y: 0, width: 1, height: 1), landmarks: [PixelPoint(x: 1, y: -2)],
      quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: -2, detectorScore: 0.5))
    func record(_ path: String?) -> EncodedFace {
      var face = EncodedFace(
        StoredFace(
          person: PersonID(rawValue: 9), added: Date(milliseconds: 1), photo: nil, detection: detection,
          path: path))
      face.checksums = EncodedFace.Checksums(engine: 1, vector: 2)
      return face
    }
    let plain = record("p")
    let field = Array("LMK:".utf8) + [15, 0] + Array("eyes-nose-mouth".utf8)
    detection.scheme = .eyesNoseMouth
    for path in ["p", nil] as [String?] {
      let named = record(path)
      #expect(try EncodedFace(decoding: named.encoded) == named)
      #expect(named.encoded.dropLast(16).suffix(field.count) == field[...])
    }
    #expect(record("p").encoded.dropLast(16).dropLast(field.count) == plain.encoded.dropLast(16))
    // Such a program sets the version to 1 and keeps what it does not know, the checksums among it.
    let rewritten = [1] + record("p").encoded.dropFirst()
    #expect(try EncodedFace(decoding: rewritten).record.detection?.scheme == .eyesNoseMouth)
    let older = [1] + plain.encoded.dropFirst()
    #expect(try EncodedFace(decoding: older).record.detection?.scheme == .dlib5)
    // What a newer version calls its landmarks is kept.
    detection.scheme = LandmarkScheme(rawValue: "of tomorrow")
    #expect(try EncodedFace(decoding: record("p").encoded).encoded == record("p").encoded)
  }

  @Test("cut-off records are errors, never crashes")
  func cutOff() {
    let face = EncodedFace(
      StoredFace(
        person: PersonID(rawValue: 9), added: .storable, photo: PhotoDigest(of: [1]),
        detection: DetectedFace(
          box: PixelRect(x: 0, y: 0, width: 1, height: 1), landmarks: [PixelPoint(x: 1, y: 2)],
          quality: FaceQuality(size: 3, sharpness: 1, yaw: 2, roll: 2, detectorScore: 1)), path: "path"))
    for length in 0..<face.encoded.count {
      #expect(throws: ByteReader.Malformed.self) {
        try EncodedFace(decoding: Array(face.encoded.prefix(length)))
      }
    }
    for picture in [nil, FaceID(rawValue: 7)] {
      let person = EncodedPerson(StoredPerson(name: "Ada", created: .storable, picture: picture)).encoded
      for length in 0..<person.count {
        #expect(throws: ByteReader.Malformed.self) {
          try EncodedPerson(decoding: Array(person.prefix(length)))
        }
      }
    }
  }
}
