import Foundation
import Imaging

extension Galleryctl {
  /// Sample photos below one another in one picture.
  func collage(_ photos: [String]) throws -> String {
    let images = try photos.map { try ImageDecoder().decode(contentsOf: URL(filePath: Fixtures.photo($0))) }
    let width = images.map(\.width).max() ?? 1
    var pixels: [UInt8] = []
    for image in images {
      for row in 0..<image.height {
        pixels += image.pixels[row * image.width * 3..<(row + 1) * image.width * 3]
        pixels += Array(repeating: 255, count: (width - image.width) * 3)
      }
    }
    let image = try RGBImage(width: width, height: images.reduce(0) { $0 + $1.height }, pixels: pixels)
    return try file("collage-\(photos.count).jpg", image.jpegData(quality: 95))
  }
}
