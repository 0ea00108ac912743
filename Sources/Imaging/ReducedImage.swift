internal import Foundation

/// A picture that was decoded no larger than asked for, with the way to all of its pixels.
///
/// Only JPEG and JPEG 2000 can be decoded smaller; other pictures are there as they are. Of more than
/// ``ImageDecoder/wholePixels`` they always are.
public struct ReducedImage: Sendable {
  /// The picture, each side divided by ``reduction`` and rounded up.
  public let image: RGBImage

  /// 1, 2, 4 or 8.
  public let reduction: Int

  /// What is to be said of the file besides.
  public let remarks: [ImageRemark]

  /// The ``reduction`` of ``finest()``.
  package let finestReduction: Int

  private let file: Data
  private let decoder: ImageDecoder

  /// A picture at its own size.
  public init(_ image: RGBImage) {
    self.init(image, reduction: 1, finestReduction: 1, remarks: [], file: Data(), decoder: ImageDecoder())
  }

  init(
    _ image: RGBImage, reduction: Int, finestReduction: Int, remarks: [ImageRemark], file: Data,
    decoder: ImageDecoder
  ) {
    self.image = image
    self.reduction = reduction
    self.finestReduction = finestReduction
    self.remarks = remarks
    self.file = file
    self.decoder = decoder
  }

  /// How often a side is halved, up to three times, so that it keeps `sufficient` pixels, as the number to divide it by.
  package static func reduction(of side: Int, keeping sufficient: Int) -> Int {
    var reduction = 1
    while reduction < 8, side / (reduction * 2) >= sufficient { reduction *= 2 }
    return reduction
  }

  /// How often both sides of so many pixels are halved, up to three times, until no more than `limit` are left, as the number to
  /// divide them by.
  static func reduction(of pixels: Int, to limit: Int) -> Int {
    var reduction = 1
    while reduction < 8, pixels / (reduction * reduction) > limit { reduction *= 2 }
    return reduction
  }

  /// The picture with all of its pixels, or with as many as ``ImageDecoder/wholePixels`` lets it have, decoded now if they were
  /// not yet.
  ///
  /// - Throws: ``ImageError`` with code `tooManyPixels` when there is not enough memory.
  public func finest() throws(ImageError) -> ReducedImage {
    reduction == finestReduction ? self : try decoder.decode(file, sizeHint: nil)
  }

  /// All of the picture's pixels, decoded now if they were not yet.
  ///
  /// - Throws: ``ImageError`` with code `tooManyPixels` when there is not enough memory.
  public func full() throws(ImageError) -> RGBImage {
    reduction == 1 ? image : try decoder.decode(file)
  }
}
