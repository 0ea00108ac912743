internal import CPictures

/// The first frame of a GIF by giflib, where it lies on the screen that the file describes. (GIF 89a.)
struct GIFDecoder: LibraryDecoder {
  let picture: LibraryPicture

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    picture = try LibraryPicture(bytes, fg_gif, format: "GIF")
  }

  var remarks: [ImageRemark] { picture.header.has_more != 0 ? [.first("frame")] : [] }
}
