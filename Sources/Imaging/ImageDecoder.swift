public import Foundation

/// Reads JPEG, PNG and WebP files into ``RGBImage``.
public struct ImageDecoder: Sendable, Hashable {
  /// The greatest `width * height` that is decoded; it is checked against the header before memory is taken.
  public var maximumPixels: Int

  /// Whether the picture is turned as its EXIF orientation asks.
  public var appliesOrientation: Bool

  /// A decoder with its limits.
  public init(maximumPixels: Int = 100_000_000, appliesOrientation: Bool = true) {
    self.maximumPixels = maximumPixels
    self.appliesOrientation = appliesOrientation
  }

  /// Reads and decodes a file.
  public func decode(contentsOf url: URL) throws(ImageError) -> RGBImage {
    throw ImageError(.unsupported, "Decoding is not there yet.")
  }

  /// Decodes a file's bytes.
  public func decode(_ bytes: [UInt8]) throws(ImageError) -> RGBImage {
    throw ImageError(.unsupported, "Decoding is not there yet.")
  }

  /// Decodes a file's bytes.
  public func decode(_ data: Data) throws(ImageError) -> RGBImage {
    try decode([UInt8](data))
  }
}
