import Foundation
import Imaging
import Testing

/// The picture files that make_fixtures.py and make_format_fixtures.py in Scripts/golden wrote, and the pixels that they hold.
enum Fixture {
  static let folder = Bundle.module.bundleURL.appending(path: "Fixtures")

  static func url(_ name: String) -> URL { folder.appending(path: name) }

  static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(name))) }

  static func reference(_ name: String) throws -> RGBImage {
    let bytes = try bytes(name + ".rgb")
    func number(_ offset: Int) -> Int { (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) } }
    return try RGBImage(width: number(0), height: number(4), pixels: Array(bytes[8...]))
  }

  /// All pictures that are decoded, by name.
  static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".rgb") }.map { String($0.dropLast(4)) }.sorted()

  /// A small file of each format that is read.
  static let eachFormat = [
    "jpeg-444.jpg", "png-rgb.png", "webp-lossless.webp", "heic.heic", "avif.avif", "tiff-rgb.tif", "gif.gif",
    "bmp-24.bmp",
    "ico-png.ico", "pnm-rgb.ppm", "jp2.jp2", "jp2-bare.j2k", "jxl.jxl", "jxl-container.jxl",
  ]

  /// The greatest difference of a channel, or nil when the sizes differ.
  static func difference(_ a: RGBImage, _ b: RGBImage) -> Int? {
    guard a.width == b.width, a.height == b.height else { return nil }
    return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max()
  }

  /// A file in a folder of its own that is removed afterwards.
  static func withFile(_ bytes: [UInt8], named name: String, _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "imaging-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let url = folder.appending(path: name)
    try Data(bytes).write(to: url)
    try body(url)
  }
}
