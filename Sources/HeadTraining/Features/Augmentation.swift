internal import FaceEngine
internal import Imaging
internal import Support

/// The pictures made of a face: 0 is the face as the engine embeds it, 1 its mirror image, and each further one is
/// shifted by up to 4 % of the face's width, made up to a quarter darker or lighter, and every other one mirrored.
///
/// They depend on the photo and the number alone, so that they can be kept.
enum Augmentation {
  /// What the cache's identity says of the rules above.
  static let identity = "augmentation 1"

  static func chip(
    _ variant: Int, of face: CachedFace, in image: RGBImage, photo: [UInt8], engine: FaceEngine
  ) throws(EngineError) -> RGBImage {
    var (dx, dy) = (0.0, 0.0)
    var gain = 1.0
    if variant >= 2 {
      let seed = photo.prefix(8).reduce(UInt64(variant) &* 0x9E37_79B9_7F4A_7C15) {
        $0 << 8 ^ $0 >> 56 ^ UInt64($1)
      }
      var generator = SplitMix64(seed)
      let reach = 0.04 * face.width
      dx = Double.random(in: -reach...reach, using: &generator)
      dy = Double.random(in: -reach...reach, using: &generator)
      gain = Double.random(in: 0.75...1.25, using: &generator)
    }
    let chip = try engine.chip(of: face.moved(x: dx, y: dy, scheme: engine.scheme), in: image)
    let turned = variant % 2 == 1 ? chip.flippedHorizontally() : chip
    guard gain != 1 else { return turned }
    let table = (0..<256).map { UInt8(min((Double($0) * gain).rounded(), 255)) }
    do {
      return try RGBImage(
        width: turned.width, height: turned.height, pixels: turned.pixels.map { table[Int($0)] })
    } catch {
      throw EngineError(.internalFailure, error.message)
    }
  }
}
