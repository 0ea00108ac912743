public import Foundation
internal import Support

/// Reads picture files into ``RGBImage``: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF, BMP, PNM, icons, JPEG 2000 and JPEG XL.
///
/// The format is told from the bytes, never from the file's name. Of several pages or frames the first is read. Transparent
/// pixels are laid on white; colour profiles and gamma are ignored; deeper samples are brought to 8 bits. A damaged or
/// incomplete file is an error, unless ``allowsDamage`` is set: never without a word a picture with parts missing.
public struct ImageDecoder: Sendable, Hashable {
  /// The greatest `width * height` that is decoded; it is checked against the header before memory is taken.
  public var maximumPixels: Int

  /// The greatest file that is read, in bytes.
  public var maximumFileSize: Int

  /// Whether of a damaged JPEG that is read what there is, with a remark (``ImageRemark/Code/damaged``); what is missing is grey.
  public var allowsDamage = false

  /// A JPEG or JPEG 2000 of more pixels is not decoded whole where a ``ReducedImage`` is asked for, but halved until it has no
  /// more; a picture of 100 megapixels takes 300 MB.
  public var wholePixels = 100_000_000

  /// Whether the picture is turned as its orientation asks; one of HEIC or AVIF always is.
  public var appliesOrientation: Bool

  /// A pixel for every 32 bytes of the machine's memory, from 100 to 1,000 megapixels: decoding takes a quarter of it, of the
  /// formats that take most a half.
  public static let standardMaximumPixels: Int = {
    let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    return min(max(memory / 32, 100_000_000), 1_000_000_000)
  }()

  /// A decoder with its limits: ``standardMaximumPixels`` and 1 GiB unless told otherwise.
  public init(
    maximumPixels: Int = ImageDecoder.standardMaximumPixels, maximumFileSize: Int = 1 << 30,
    appliesOrientation: Bool = true
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
      Result { () throws(ImageError) in try decode(buffer) { _, _ in 1 }.image }
    }
    return try result.get()
  }

  /// Decodes a file's bytes.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  /// - Complexity: O(bytes + pixels).
  public func decode(_ data: Data) throws(ImageError) -> RGBImage {
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try decode(bytes.bindMemory(to: UInt8.self)) { _, _ in 1 }.image }
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

  /// Decodes a file's bytes no larger than needed: a JPEG or JPEG 2000 at the smallest of 1/8, 1/4, 1/2 and all of its size
  /// whose longer side has `side` pixels.
  ///
  /// - Parameters:
  ///   - data: The file; it is not copied.
  ///   - side: The longer side that is enough; nil decodes the whole, or what ``wholePixels`` lets of it.
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  public func decode(_ data: Data, sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    var finest = 1
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in
        try decode(bytes.bindMemory(to: UInt8.self)) { width, height in
          finest = ReducedImage.reduction(of: width * height, to: wholePixels)
          guard let side, side > 0 else { return finest }
          return max(ReducedImage.reduction(of: max(width, height), keeping: side), finest)
        }
      }
    }
    let decoded = try result.get()
    finest = min(finest, decoded.reduction)
    return ReducedImage(
      decoded.image, reduction: decoded.reduction, finestReduction: finest, remarks: decoded.remarks,
      file: decoded.reduction == 1 ? Data() : data, decoder: self)
  }

  /// Decodes a file's bytes no larger than needed.
  ///
  /// - Throws: ``ImageError`` as ``decode(contentsOf:)``, but for `unreadable`.
  public func decode(_ bytes: [UInt8], sizeHint side: Int?) throws(ImageError) -> ReducedImage {
    try decode(Data(bytes), sizeHint: side)
  }

  /// What a file's header says of its picture; nil when no header can be read.
  ///
  /// - Complexity: O(1) but for formats whose pixels come after other data, which are walked over.
  public static func header(of file: Data) -> ImageHeader? {
    file.withUnsafeBytes { bytes in
      (try? opened(bytes.bindMemory(to: UInt8.self))).map { ImageHeader($0) }
    }
  }

  /// Decodes a file's first picture, divided by what `wanted` gives for its width and height, as far as the format can.
  private func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, by wanted: (Int, Int) -> Int
  ) throws(ImageError) -> (image: RGBImage, reduction: Int, remarks: [ImageRemark]) {
    var decoder: any PictureDecoder
    do {
      decoder = try Self.opened(bytes)
    } catch {
      throw Self.cause(of: error, pixels: 0)
    }
    try checkSize(decoder.width, decoder.height)
    let reduction = min(wanted(decoder.width, decoder.height), decoder.greatestReduction)
    try Self.checkMemory(decoder.width, decoder.height, reduction)
    let image: RGBImage
    do {
      image = try decoder.decode(reduction: reduction)
    } catch {
      throw Self.cause(of: error, pixels: decoder.width * decoder.height)
    }
    var remarks = decoder.remarks
    if let damage = decoder.damage {
      let cause = Self.cause(of: damage, pixels: decoder.width * decoder.height)
      guard allowsDamage, cause == damage else { throw cause }
      remarks.append(.damaged(damage))
    }
    let upright = appliesOrientation ? image.oriented(decoder.orientation ?? .up) : image
    return (upright, reduction, remarks)
  }

  /// The decoder of a file.
  private static func opened(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) -> any PictureDecoder {
    guard !bytes.isEmpty else { throw ImageError(.empty, "The file is empty.") }
    let bytes = JPEGStructure.withoutLeadingBlanks(bytes)
    switch ImageFormat(sniffing: bytes) {
    case .known(let format): return try format.init(bytes)
    case .other(let name):
      throw ImageError(.unsupported, "\(name) files are not read; convert it to JPEG or PNG.")
    case nil:
      throw ImageError(.notAnImage, "The file is not a picture in a supported format.")
    }
  }

  /// Makes sure that there is memory for the pixels and a turned copy of them: without, an array ends the process.
  private static func checkMemory(_ width: Int, _ height: Int, _ reduction: Int) throws(ImageError) {
    let bytes = (width / reduction + 1) * (height / reduction + 1) * 7
    // Small pictures find room, and a map costs as much as they do.
    guard bytes > 1 << 24 else { return }
    guard FreeMemory.has(bytes) else {
      throw ImageError(
        .outOfMemory, "There is not enough memory to decode a picture of \(width) × \(height) pixels.")
    }
  }

  /// Why a picture was not decoded: libraries take a lack of memory for damage, so that is not known while memory is short.
  private static func cause(of error: ImageError, pixels: Int) -> ImageError {
    guard [.corrupt, .truncated, .unsupported].contains(error.code) else { return error }
    // More than any library takes.
    let bytes = min(pixels, 1 << 40) * 64 + 64 << 20
    return FreeMemory.has(bytes)
      ? error : ImageError(.outOfMemory, "There is not enough memory to decode the picture.")
  }

  private func checkSize(_ width: Int, _ height: Int) throws(ImageError) {
    // No format has sides beyond 32 bits. Whoever sets no limit is held to what an Int can count in bytes.
    guard width * height <= min(maximumPixels, .max / 64) else {
      throw ImageError(
        .tooManyPixels,
        "The picture has \(width) × \(height) pixels, more than the limit of \(maximumPixels); make it smaller, or "
          + "raise the limit.")
    }
  }
}
