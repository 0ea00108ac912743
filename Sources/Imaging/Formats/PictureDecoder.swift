/// Reads the pictures of one format.
///
/// A decoder is made of a file's bytes, which it neither copies nor outlives.
protocol PictureDecoder {
  /// Reads what the file says of its first picture; no memory is taken for pixels.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError)

  /// Columns of the picture as it is stored, at least 1.
  var width: Int { get }

  /// Rows of the picture as it is stored, at least 1.
  var height: Int { get }

  /// The turn that is still to be made of what ``decode(reduction:)`` gives; nil where the format knows none, or the library
  /// has made it.
  var orientation: ImageOrientation? { get }

  /// The greatest power of two by which both sides can be divided while the picture is decoded.
  var greatestReduction: Int { get }

  /// How many bytes a pixel of the whole picture decoding takes at most, those of the picture included.
  static var bytesPerPixel: Int { get }

  /// Decodes the picture, each side divided by `reduction` and rounded up: a power of two up to ``greatestReduction``.
  mutating func decode(reduction: Int) throws(ImageError) -> RGBImage

  /// What is to be said of the file though its picture was read; all of it is known when it was.
  var remarks: [ImageRemark] { get }

  /// What is wrong with the picture that was decoded, of which parts are missing or not as they were written; nil of formats
  /// that are decoded whole or not at all.
  var damage: ImageError? { get }
}

extension PictureDecoder {
  var orientation: ImageOrientation? { nil }
  var greatestReduction: Int { 1 }
  var remarks: [ImageRemark] { [] }
  var damage: ImageError? { nil }
  /// Measured: a progressive JPEG's coefficients, WebP with alpha; others take less.
  static var bytesPerPixel: Int { 8 }
}
