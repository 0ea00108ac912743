/// What a file's header says of its picture, and what decoding it takes.
public struct ImageHeader: Sendable, Hashable {
  /// Columns of the picture as it is stored.
  public let width: Int

  /// Rows of the picture as it is stored.
  public let height: Int

  /// The turn that the decoded picture has to make to be upright.
  public let orientation: ImageOrientation

  /// How many bytes a pixel decoding takes at most, those of the picture included.
  public let bytesPerPixel: Int

  /// `width * height`.
  public var pixels: Int {
    let (count, isTooMuch) = width.multipliedReportingOverflow(by: height)
    return isTooMuch ? .max : count
  }

  /// The size of the upright picture.
  public var uprightSize: (width: Int, height: Int) {
    orientation.swapsSides ? (height, width) : (width, height)
  }

  init(_ decoder: any PictureDecoder) {
    (width, height) = (decoder.width, decoder.height)
    orientation = decoder.orientation ?? .up
    bytesPerPixel = type(of: decoder).bytesPerPixel
  }
}
