import Foundation
import Imaging
import Testing

/// Pictures of 37 × 23 pixels into which exiftool 12.57 wrote faces, those with an orientation by its `rotate_regions.config`.
enum Fixture {
  static func data(_ name: String) throws -> Data {
    try Data(contentsOf: #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)))
  }

  static func header(_ name: String) throws -> ImageHeader {
    try #require(ImageDecoder.header(of: try data(name)))
  }
}
