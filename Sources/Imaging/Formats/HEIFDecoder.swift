internal import CPictures

/// HEIC and AVIF by libheif, which turns and mirrors as the file asks: what EXIF says besides does not count.
/// (ISO/IEC 23008-12.)
struct HEIFDecoder: PictureDecoder {
  private let structure: HEIFStructure
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    structure = try HEIFStructure(bytes)
    self.bytes = bytes
  }

  var width: Int { structure.width }
  var height: Int { structure.height }
  /// Measured: colour planes, alpha, and the picture as the library gives it.
  static var bytesPerPixel: Int { 11 }

  var remarks: [ImageRemark] {
    structure.hasFilm ? [.first("frame")] : structure.hasMore ? [.first("picture")] : []
  }

  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let picture = try LibraryPicture(bytes, fg_heif, format: structure.format)
    // It may have been turned and cut, but not have grown beyond what was checked.
    guard Int(picture.header.width) * Int(picture.header.height) <= width * height else {
      throw .damaged(structure.format, " (its header gives it two sizes)")
    }
    return try picture.decode(reduction: 1)
  }
}
