internal import CPictures

/// JPEG 2000 by OpenJPEG: JP2 files and bare code streams; grey, RGB, YCbCr and CMYK of up to 31 bits, alpha where the file
/// says that a channel is it. (ITU-T T.800.)
struct JPEG2000Decoder: LibraryDecoder {
  let picture: LibraryPicture

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    picture = try LibraryPicture(bytes, fg_jpeg2000, format: "JPEG 2000")
  }

  /// Four bytes a sample, and the picture.
  static var bytesPerPixel: Int { 19 }
}
