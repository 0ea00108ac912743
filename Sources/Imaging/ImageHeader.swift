/// What a file's header says of its picture, and what decoding it takes.
public struct ImageHeader: Sendable, Hashable {
  /// Columns of the picture as it is stored.
  public let width: Int

  /// Rows of the picture as it is stored.
  public let height: Int

  /// How many bytes a pixel decoding takes at most, those of the picture included.
  public let bytesPerPixel: Int

  /// `width * height`.
  public var pixels: Int {
    let (count, isTooMuch) = width.multipliedReportingOverflow(by: height)
    return isTooMuch ? .max : count
  }

  init(_ decoder: any PictureDecoder) {
    (width, height) = (decoder.width, decoder.height)
    bytesPerPixel = type(of: decoder).bytesPerPixel
  }
}
