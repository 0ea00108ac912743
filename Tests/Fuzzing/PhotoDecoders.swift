import Foundation

// Built by Scripts/fuzz-photos.sh together with the sources of Imaging, without the rest of the package.

/// Decodes any bytes, as they are and at a reduced scale.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPhotoDecoders(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let data = Data(bytes: bytes, count: count)
  let decoder = ImageDecoder(maximumPixels: 1_000_000)
  if let image = try? decoder.decode(data) {
    precondition(image.pixels.count == image.width * image.height * 3, "a picture has all of its pixels")
  }
  if let reduced = try? decoder.decode(data, sizeHint: 1) {
    let image = reduced.image
    precondition(
      image.pixels.count == image.width * image.height * 3, "a reduced picture has all of its pixels")
  }
  return 0
}
