internal import FaceEngine
internal import Imaging

/// A small picture of a face with some room around it: enough to know the person again.
struct Thumbnail {
  /// The longer side, pixels, at most.
  static let longestSide = 320
  private static let quality = 85

  /// A JPEG file.
  let jpeg: [UInt8]

  /// Cuts the face's box, with half its size on every side, out of an upright photo.
  init(of box: PixelRect, in picture: RGBImage) throws(ImageError) {
    let (left, right) = Self.widened(box.x, box.width, within: picture.width)
    let (top, bottom) = Self.widened(box.y, box.height, within: picture.height)
    let cut = picture.cropped(x: left, y: top, width: right - left, height: bottom - top)
    // A box that lies outside the picture leaves nothing: then the picture itself is kept.
    let small = try (cut ?? picture).shrunk(toLongerSide: Self.longestSide)
    jpeg = [UInt8](try small.jpegData(quality: Self.quality))
  }

  /// Cuts a face's box out of an upright photo that may be reduced; the box is one of the whole photo.
  init(of box: PixelRect, in photo: ReducedImage) throws(ImageError) {
    let scale = photo.reduction
    let reduced = PixelRect(
      x: box.x / scale, y: box.y / scale, width: box.width / scale, height: box.height / scale)
    try self.init(of: reduced, in: photo.image)
  }

  private static func widened(_ start: Int, _ length: Int, within size: Int) -> (Int, Int) {
    (max(0, start - length / 2), min(size, start + length + length / 2))
  }
}
