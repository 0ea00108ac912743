/// BMP: 1, 4, 8, 16, 24 and 32 bits, run lengths, bit fields, alpha where a header of version 3 or later gives it a mask.
/// (Headers of OS/2 1 and of Windows 3 to 5, as in "Bitmap Storage", Win32.)
struct BMPDecoder: PictureDecoder {
  private let bitmap: DeviceIndependentBitmap

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard let pixels = bytes.little(4, at: 10) else { throw .truncated("BMP") }
    bitmap = try DeviceIndependentBitmap(bytes, header: 14, pixels: pixels, format: "BMP")
  }

  var width: Int { bitmap.width }
  var height: Int { bitmap.height }

  func decode(reduction: Int) throws(ImageError) -> RGBImage { try bitmap.decode() }
}
