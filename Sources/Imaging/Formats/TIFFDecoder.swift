internal import CPictures

/// TIFF by libtiff: 1 to 16 bits; grey, palette, RGB, YCbCr, CMYK, CIE L*a*b*; strips and tiles, by every compression that
/// the library was built with. The first page that is no preview. (TIFF 6.0; BigTIFF.)
struct TIFFDecoder: LibraryDecoder {
  let picture: LibraryPicture

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    picture = try LibraryPicture(bytes, fg_tiff, format: "TIFF")
  }

  var remarks: [ImageRemark] { picture.header.has_more != 0 ? [.first("page")] : [] }
}
