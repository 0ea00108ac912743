internal import CPictures

/// A decoder of a format whose library is loaded when the first picture of it is read.
protocol LibraryDecoder: PictureDecoder {
  /// The file, opened by the library.
  var picture: LibraryPicture { get }
}

extension LibraryDecoder {
  var width: Int { Int(picture.header.width) }
  var height: Int { Int(picture.header.height) }
  var orientation: ImageOrientation? {
    UInt8(exactly: picture.header.orientation).flatMap(ImageOrientation.init)
  }
  var greatestReduction: Int { 1 << min(Int(picture.header.halvings), 3) }

  func decode(reduction: Int) throws(ImageError) -> RGBImage { try picture.decode(reduction: reduction) }
}

/// The first picture of a file that a library of `CPictures` reads.
struct LibraryPicture {
  /// What the library reads in the file's header.
  let header: fg_picture_header

  private let library: fg_picture_library
  private let format: String
  private let bytes: UnsafeBufferPointer<UInt8>

  /// Reads a file's header.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - library: The library.
  ///   - format: The format's name for errors.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, _ library: fg_picture_library, format: String
  ) throws(ImageError) {
    var header = fg_picture_header()
    var message = fg_picture_message()
    let status = library.read_header(bytes.baseAddress, bytes.count, &header, &message)
    if let failure = Self.failure(status, message, library, format) { throw failure }
    self.header = header
    self.library = library
    self.format = format
    self.bytes = bytes
  }

  /// Decodes the picture, each side divided by `reduction`, a power of two, and rounded up.
  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let width = (Int(header.width) + reduction - 1) / reduction
    let height = (Int(header.height) + reduction - 1) / reduction
    var status: Int32 = 0
    var message = fg_picture_message()
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      status = library.decode(
        bytes.baseAddress, bytes.count, UInt32(reduction.trailingZeroBitCount), target.baseAddress,
        UInt32(width), UInt32(height), &message)
      // A library that succeeds has written every pixel.
      count = Int(status) == FG_PICTURE_OK ? target.count : 0
    }
    if let failure = Self.failure(status, message, library, format) { throw failure }
    return RGBImage(uncheckedWidth: width, height: height, pixels: pixels)
  }

  private static func failure(
    _ status: Int32, _ message: fg_picture_message, _ library: fg_picture_library, _ format: String
  ) -> ImageError? {
    let reason = withUnsafeBytes(of: message.text) { text in
      let sentence = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      return sentence.isEmpty ? "" : " (\(sentence))"
    }
    switch Int(status) {
    case FG_PICTURE_OK: return nil
    case FG_PICTURE_TRUNCATED: return .truncated(format)
    case FG_PICTURE_UNSUPPORTED:
      return ImageError(
        .unsupported, "This kind of \(format) file is not read\(reason); save it as JPEG or PNG.")
    case FG_PICTURE_OUT_OF_MEMORY:
      return ImageError(.outOfMemory, "There is not enough memory to decode the \(format) file.")
    case FG_PICTURE_NO_THREAD:
      return ImageError(
        .inaccessible, "The system lets no thread be started, which decoding the \(format) file takes.")
    case FG_PICTURE_NO_LIBRARY:
      return ImageError(
        .unsupported,
        "\(format) files are read by \(String(cString: library.name)), which is not installed (\(String(cString: library.file))); "
          + "install it, or convert the file to JPEG or PNG.")
    default: return .damaged(format, reason)
    }
  }
}

extension ImageError {
  /// A file that ends before its picture does.
  static func truncated(_ format: String) -> ImageError {
    ImageError(
      .truncated, "The \(format) file is cut off before its picture ends; get a complete copy of it.")
  }

  /// A file that makes no sense; `reason` is empty or in parentheses after a space.
  static func damaged(_ format: String, _ reason: String = "") -> ImageError {
    ImageError(.corrupt, "The \(format) file is damaged\(reason); get an undamaged copy of it.")
  }
}
