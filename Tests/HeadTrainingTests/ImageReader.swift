import Foundation
import Imaging

/// Photos of the tests.
enum ImageReader {
  static func photo(_ url: URL) throws -> RGBImage { try ImageDecoder().decode(contentsOf: url) }
}
