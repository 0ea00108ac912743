internal import CPictures

/// JPEG 2000 by OpenJPEG: JP2 files and bare code streams; grey, RGB, YCbCr and CMYK of up to 31 bits, alpha where the file
/// says that a channel is it. (ITU-T T.800.)
struct JPEG2000Decoder: LibraryDecoder {
  let picture: LibraryPicture

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    picture = try LibraryPicture(bytes, fg_jpeg2000, format: "JPEG 2000")
  }

  /// A tile may have fewer resolutions than the file's header tells; then the whole is decoded, and shrunk.
  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    if let reduced = try? picture.decode(reduction: reduction) { return reduced }
    return try picture.decode(reduction: 1).resized(
      width: (width + reduction - 1) / reduction, height: (height + reduction - 1) / reduction)
  }

  /// Four bytes a sample, and the picture.
  static var bytesPerPixel: Int { 19 }
}
