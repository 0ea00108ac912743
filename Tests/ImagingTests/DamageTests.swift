import Foundation
import Imaging
import Testing

@Suite("Of a damaged JPEG that is read what there is, and never without a word")
struct DamageTests {
  /// What a decoder gives that takes damaged pictures, at 1/1 and at 1/2.
  private func read(_ bytes: [UInt8]) throws -> ReducedImage {
    var decoder = ImageDecoder()
    decoder.allowsDamage = true
    let whole = try decoder.decode(bytes, sizeHint: nil)
    let half = try decoder.decode(bytes, sizeHint: max(whole.image.width, whole.image.height) / 2)
    #expect(half.reduction == 2 && half.remarks == whole.remarks)
    return whole
  }

  private func refusal(_ bytes: [UInt8]) -> ImageError.Code? {
    do {
      _ = try ImageDecoder().decode(bytes)
      return nil
    } catch {
      return error.code
    }
  }

  /// Where the pixels of a JPEG's first scan begin.
  private func scan(of bytes: [UInt8]) throws -> Int {
    let start = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    return start + 2 + Int(bytes[start + 2]) << 8 + Int(bytes[start + 3])
  }

  @Test(
    "Without the marker at its end a file is read by everybody, with a remark",
    arguments: ["jpeg-444.jpg", "jpeg-420.jpg", "jpeg-grey.jpg", "jpeg-cmyk.jpg", "jpeg-progressive.jpg"])
  func withoutEnd(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for missing in 1...2 {
      let read = try ImageDecoder().decode(Array(bytes.dropLast(missing)), sizeHint: nil)
      #expect(try read.image == ImageDecoder().decode(bytes))
      #expect(read.remarks.map(\.code) == [.harmlessFault])
    }
    // What comes instead of it does not count.
    if name.contains("progressive") { return }
    let noise = try ImageDecoder().decode(bytes.dropLast(2) + [0xFF, 0xC5, 0, 3, 0], sizeHint: nil)
    #expect(try noise.image == ImageDecoder().decode(bytes))
    #expect(noise.remarks.map(\.code) == [.harmlessFault])
  }

  @Test("Cut off, a picture is there as far as it goes", arguments: ["jpeg-444.jpg", "jpeg-420.jpg"])
  func cut(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let whole = try ImageDecoder().decode(bytes)
    let start = try scan(of: bytes)
    for share in [0.3, 0.6, 0.9] {
      let part = Array(bytes[..<(start + Int(Double(bytes.count - start) * share))])
      #expect(refusal(part) == .truncated)
      let read = try read(part)
      #expect(read.remarks.map(\.code) == [.damaged])
      #expect(read.remarks[0].message.contains("cut off"))
      #expect(read.image.width == whole.width && read.image.height == whole.height)
      // The first block is as it was, and the last is not.
      let corners = [read.image, whole].map { $0.cropped(x: 0, y: 0, width: 4, height: 4) }
      #expect(share < 0.5 || corners[0] == corners[1])
      #expect(read.image != whole)
    }
    #expect(refusal(Array(bytes[..<(start - 5)])) == .truncated)
    var decoder = ImageDecoder()
    decoder.allowsDamage = true
    #expect(throws: ImageError.self) { try decoder.decode(Array(bytes[..<(start - 5)])) }
  }

  @Test("A progressive picture that lacks a scan is coarse, and said to be cut off")
  func missingScans() throws {
    let bytes = try Fixture.bytes("jpeg-progressive.jpg")
    let whole = try ImageDecoder().decode(bytes)
    let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
    #expect(scans.count > 2)
    for end in scans.dropFirst() {
      let read = try read(Array(bytes[..<end]))
      #expect(read.remarks.map(\.code) == [.damaged])
      #expect(Fixture.difference(read.image, whole) ?? 0 > 0)
      #expect(refusal(Array(bytes[..<end])) == .truncated)
    }
  }

  @Test("A picture that lost a piece in the middle is there with wrong parts")
  func missingPiece() throws {
    var bytes = try Fixture.bytes("jpeg-444.jpg")
    bytes.removeSubrange(bytes.count - 200..<bytes.count - 60)
    #expect(refusal(bytes) == .corrupt)
    #expect(try read(bytes).remarks.map(\.code) == [.damaged])
  }

  @Test("A restart marker in a file without restart intervals costs no pixel", arguments: [0, 7])
  func strayRestart(number: UInt8) throws {
    let bytes = try Fixture.bytes("jpeg-444.jpg")
    let whole = try ImageDecoder().decode(bytes)
    let start = try scan(of: bytes)
    let places = (start + 10..<bytes.count - 4).filter { bytes[$0 - 1] != 0xFF && bytes[$0] != 0xFF }
    for place in [places[0], places[places.count / 2], places[places.count - 1]] {
      let stray = bytes[..<place] + [0xFF, 0xD0 + number] + bytes[place...]
      let read = try ImageDecoder().decode(Array(stray), sizeHint: nil)
      #expect(read.image == whole)
      #expect(read.remarks.map(\.code) == [.harmlessFault])
    }
    // One that stands for lost bytes does.
    let place = places[places.count / 2]
    let lossy = bytes[..<place] + [0xFF, 0xD0 + number] + bytes[(place + 40)...]
    #expect(refusal(Array(lossy)) == .corrupt)
  }

  @Test("Blanks and line feeds before a JPEG are passed over", arguments: ["\n", "\r\n", " \t\n\n"])
  func leadingBlanks(blanks: String) throws {
    let bytes = try Fixture.bytes("exif-6.jpg")
    let read = try ImageDecoder().decode(Array(blanks.utf8) + bytes, sizeHint: nil)
    #expect(try read.image == ImageDecoder().decode(bytes))
    #expect(read.remarks.isEmpty)
    #expect(ImageDecoder.header(of: Data(blanks.utf8) + Data(bytes)) == ImageDecoder.header(of: Data(bytes)))
    #expect(refusal(Array(blanks.utf8)) == .notAnImage)
    #expect(try refusal(Array(blanks.utf8) + Fixture.bytes("gif.gif")) == .notAnImage)
  }

  @Test(
    "A picture of another format is whole or refused",
    arguments: ["png-rgb.png", "webp-lossy.webp", "gif.gif"])
  func otherFormats(name: String) throws {
    var decoder = ImageDecoder()
    decoder.allowsDamage = true
    let bytes = try Fixture.bytes(name)
    let error = #expect(throws: ImageError.self) { try decoder.decode(Array(bytes.prefix(bytes.count / 2))) }
    #expect(error?.code == .truncated)
  }
}
