public import Foundation

/// Reads JPEG, PNG and WebP files into ``RGBImage``.
///
/// The format is told from the bytes, never from the file's name. Transparent pixels are laid on white; colour
/// profiles and gamma are ignored; 16-bit samples are rounded to 8 bits. A damaged or incomplete file is an
/// error, never a picture with parts missing.
public struct ImageDecoder: Sendable, Hashable {
  /// The greatest `width * height` that is decoded; it is checked against the header before memory is taken.
  public var maximumPixels: Int

  /// The greatest file that is read, in bytes.
  public var maximumFileSize: Int

  /// Whether the picture is turned as its EXIF orientation asks.
  public var appliesOrientation: Bool

  /// A decoder with its limits: 100 megapixels and 1 GiB unless told otherwise.
  public init(
    maximumPixels: Int = 100_000_000, maximumFileSize: Int = 1 << 30, appliesOrientation: Bool = true
  ) {
    self.maximumPixels = maximumPixels
    self.maximumFileSize = maximumFileSize
    self.appliesOrientation = appliesOrientation
  }

  /// Reads and decodes a file.
  ///
  /// - Throws: ``ImageError``: `unreadable` (missing, no permission, a folder), `empty`, `notAnImage`,
  ///   `truncated`, `corrupt`, `tooManyPixels`, or `unsupported` (a format or variant that is not read; the
  ///   message names it).
  /// - Complexity: O(file size + pixels).
  public func decode(contentsOf url: URL) throws(ImageError) -> RGBImage {
    let bytes = try ImageFile.read(url, maximumBytes: maximumFileSize)
    do {
      return try decode(bytes)
    } catch {
      throw ImageError(error.code, "\(url.path(percentEncoded: false)): \(error.message)")
    }
  }

  /// Decodes a file's bytes.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  /// - Complexity: O(bytes + pixels).
  public func decode(_ bytes: [UInt8]) throws(ImageError) -> RGBImage {
    let result = bytes.withUnsafeBufferPointer { buffer in
      Result { () throws(ImageError) in try decode(buffer) }
    }
    return try result.get()
  }

  /// Decodes a file's bytes.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  /// - Complexity: O(bytes + pixels).
  public func decode(_ data: Data) throws(ImageError) -> RGBImage {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try decode(bytes.bindMemory(to: UInt8.self)) }
    }
    return try result.get()
  }

  /// Reads a file and decodes it no larger than needed; see `decode(_:sizeHint:)`.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``.
  public func decode(contentsOf url: URL, sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    let bytes = try ImageFile.read(url, maximumBytes: maximumFileSize)
    do {
      return try decode(bytes, sizeHint: side)
    } catch {
      throw ImageError(error.code, "\(url.path(percentEncoded: false)): \(error.message)")
    }
  }

  /// Decodes a file's bytes no larger than needed: a JPEG at the smallest of 1/8, 1/4, 1/2 and all of its size whose
  /// longer side has `side` pixels.
  ///
  /// - Parameters:
  ///   - data: The file; it is not copied.
  ///   - side: The longer side that is enough; nil decodes the whole.
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  public func decode(_ data: Data, sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in
        let buffer = bytes.bindMemory(to: UInt8.self)
        var reduction = 1
        if let side, side > 0, case .jpeg = ImageFormat(sniffing: buffer) {
          let structure = try JPEGStructure(buffer)
          reduction = ReducedImage.reduction(of: max(structure.width, structure.height), keeping: side)
        }
        return (try decode(buffer, reduction: reduction), reduction)
      }
    }
    let (image, reduction) = try result.get()
    return ReducedImage(image, reduction: reduction, file: reduction == 1 ? Data() : data, decoder: self)
  }

  /// Decodes a file's bytes no larger than needed.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  public func decode(_ bytes: [UInt8], sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    try decode(Data(bytes), sizeHint: side)
  }

  /// How many pixels a file's header says that its picture has; nil when no header can be read.
  ///
  /// - Complexity: O(1) but for JPEG, of which the segments before the picture are walked over.
  public static func pixelCount(of file: Data) -> Int? {
    file.withUnsafeBytes { bytes in
      let bytes = bytes.bindMemory(to: UInt8.self)
      guard !bytes.isEmpty else { return nil }
      let size: (width: Int, height: Int)?
      switch ImageFormat(sniffing: bytes) {
      case .jpeg: size = (try? JPEGStructure(bytes)).map { ($0.width, $0.height) }
      case .png: size = (try? PNGDecoder(bytes)).map { ($0.width, $0.height) }
      case .webP: size = (try? WebPDecoder(bytes)).map { ($0.width, $0.height) }
      case .other, nil: size = nil
      }
      guard let size else { return nil }
      let (count, isTooMuch) = size.width.multipliedReportingOverflow(by: size.height)
      return isTooMuch ? .max : count
    }
  }

  private func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, reduction: Int = 1
  ) throws(ImageError) -> RGBImage {
    guard !bytes.isEmpty else { throw ImageError(.empty, "The file is empty.") }
    let image: RGBImage
    let orientation: ImageOrientation?
    switch ImageFormat(sniffing: bytes) {
    case .jpeg:
      let decoder = try JPEGDecoder(bytes)
      try checkSize(decoder.structure.width, decoder.structure.height)
      image = try decoder.decode(reduction: reduction)
      orientation = decoder.structure.orientation
    case .png:
      let decoder = try PNGDecoder(bytes)
      try checkSize(decoder.width, decoder.height)
      image = try decoder.decode()
      orientation = decoder.orientation
    case .webP:
      let decoder = try WebPDecoder(bytes)
      try checkSize(decoder.width, decoder.height)
      image = try decoder.decode()
      orientation = decoder.orientation
    case .other(let name):
      throw ImageError(.unsupported, "\(name) files are not read; convert it to JPEG, PNG or WebP.")
    case nil:
      throw ImageError(
        .notAnImage, "The file is not a picture: its first bytes are of no known picture format.")
    }
    return appliesOrientation ? image.oriented(orientation ?? .up) : image
  }

  private func checkSize(_ width: Int, _ height: Int) throws(ImageError) {
    guard width * height <= maximumPixels else {
      throw ImageError(
        .tooManyPixels,
        "The picture has \(width) × \(height) pixels, more than the limit of \(maximumPixels); make it smaller."
      )
    }
  }
}
