import Foundation
import Imaging
import Support
import Testing

@Suite("Hostile bytes give an error or a picture, never a crash")
struct HostileInputTests {
  private static let samples =
    ((try? FileManager.default.contentsOfDirectory(atPath: Fixture.folder.path)) ?? [])
    .filter { $0.contains(".") && !$0.hasSuffix(".rgb") }.sorted()

  @Test("Cut off at every length, of large files at some hundreds", arguments: samples)
  func everyLength(name: String) throws {
    let bytes = try Fixture.bytes(name)
    var decoder = ImageDecoder()
    decoder.allowsDamage = true
    for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 500)) {
      _ = try? decoder.decode(Array(bytes[..<length]))
    }
  }

  @Test("With random bytes changed", arguments: samples)
  func flippedBytes(name: String) throws {
    let original = try Fixture.bytes(name)
    var random = SplitMix64(UInt64(original.count))
    // A changed size may ask for a large picture; the limit keeps the test quick.
    var decoder = ImageDecoder(maximumPixels: 1_000_000)
    decoder.allowsDamage = true
    for _ in 0..<200 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let image = try? decoder.decode(bytes) else { continue }
      #expect(image.pixels.count == image.width * image.height * 3)
    }
  }

  @Test("With a piece removed or doubled", arguments: samples)
  func movedPieces(name: String) throws {
    let original = try Fixture.bytes(name)
    var random = SplitMix64(7)
    var decoder = ImageDecoder(maximumPixels: 1_000_000)
    decoder.allowsDamage = true
    for round in 0..<100 {
      let start = Int.random(in: 2..<original.count, using: &random)
      let piece = original[start..<min(original.count, start + Int.random(in: 1...64, using: &random))]
      var bytes = original
      if round.isMultiple(of: 2) {
        bytes.removeSubrange(piece.indices)
      } else {
        bytes.insert(contentsOf: piece, at: start)
      }
      _ = try? decoder.decode(bytes)
    }
  }

  @Test("Nothing but a magic number and noise")
  func noise() {
    var random = SplitMix64(11)
    let magics: [[UInt8]] = [
      [0xFF, 0xD8, 0xFF, 0xE1], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], Array("RIFF".utf8),
      Array("RIFF\u{40}\0\0\0WEBPVP8 ".utf8), Array("GIF89a".utf8), Array("II*\0\u{08}\0\0\0".utf8),
      Array("MM\0*\0\0\0\u{08}".utf8), Array("\0\0\0\u{0C}ftypheic".utf8), Array("\0\0\0\u{0C}ftypavif".utf8),
      Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0], Array("P3 3 3 255 ".utf8),
      Array("P4 900 900 ".utf8),
      [0, 0, 1, 0, 1, 0], [0xFF, 0x0A], Array("\0\0\0\u{0C}JXL \r\n".utf8) + [0x87, 0x0A],
      [0xFF, 0x4F, 0xFF, 0x51], Array("\0\0\0\u{0C}jP  \r\n".utf8) + [0x87, 0x0A],
    ]
    for magic in magics {
      for length in 0..<200 {
        let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(throws: ImageError.self) { try ImageDecoder().decode(magic + noise) }
      }
    }
  }
}
