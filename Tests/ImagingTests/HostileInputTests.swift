import Foundation
import Imaging
import Support
import Testing

@Suite("Hostile bytes give an error or a picture, never a crash")
struct HostileInputTests {
  private static let samples = Fixture.names + ["refused.gif", "refused-animated.webp"]

  @Test("Cut off at every length", arguments: samples)
  func everyLength(name: String) throws {
    let bytes = try Fixture.bytes(name)
    for length in 0..<bytes.count { _ = try? ImageDecoder().decode(Array(bytes[..<length])) }
  }

  @Test("With random bytes changed", arguments: samples)
  func flippedBytes(name: String) throws {
    let original = try Fixture.bytes(name)
    var random = SplitMix64(UInt64(original.count))
    // A changed size may ask for a large picture; the limit keeps the test quick.
    let decoder = ImageDecoder(maximumPixels: 1_000_000)
    for _ in 0..<300 {
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
    let decoder = ImageDecoder(maximumPixels: 1_000_000)
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
      Array("RIFF\u{40}\0\0\0WEBPVP8 ".utf8),
    ]
    for magic in magics {
      for length in 0..<200 {
        let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(throws: ImageError.self) { try ImageDecoder().decode(magic + noise) }
      }
    }
  }
}
