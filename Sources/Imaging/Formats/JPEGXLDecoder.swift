internal import CPictures

/// JPEG XL by libjxl: bare code streams and containers; of an animation the first frame. (ISO/IEC 18181.)
struct JPEGXLDecoder: LibraryDecoder {
  let picture: LibraryPicture

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    picture = try LibraryPicture(bytes, fg_jpeg_xl, format: "JPEG XL")
  }

  var remarks: [ImageRemark] { picture.header.has_more != 0 ? [.first("frame")] : [] }
}
