internal import Foundation

/// A picture that was decoded no larger than asked for, with the way to all of its pixels.
///
/// Only JPEG and JPEG 2000 can be decoded smaller; other pictures are there as they are.
public struct ReducedImage: Sendable {
  /// The picture, each side divided by ``reduction`` and rounded up.
  public let image: RGBImage

  /// 1, 2, 4 or 8.
  public let reduction: Int

  /// What is to be said of the file besides.
  public let remarks: [ImageRemark]

  private let file: Data
  private let decoder: ImageDecoder

  /// A picture at its own size.
  public init(_ image: RGBImage) {
    self.init(image, reduction: 1, remarks: [], file: Data(), decoder: ImageDecoder())
  }

  init(_ image: RGBImage, reduction: Int, remarks: [ImageRemark], file: Data, decoder: ImageDecoder) {
    self.image = image
    self.reduction = reduction
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

  /// All of the picture's pixels, decoded now if they were not yet.
  ///
  /// - Throws: ``ImageError`` with code `tooManyPixels` when there is not enough memory.
  public func full() throws(ImageError) -> RGBImage {
    reduction == 1 ? image : try decoder.decode(file)
  }
}
