internal import CJPEG
internal import CPNG
public import Foundation

extension RGBImage {
  /// The picture as a JPEG file.
  ///
  /// - Parameters:
  ///   - quality: 1 (small) … 100 (faithful), as libjpeg counts it. From 90 up colour is kept at full
  ///     resolution, below at half of it in both directions.
  ///   - software: The program that the file says it was made by, in ASCII, in a comment as PNG has it (`Software`, a NUL, the program); nil
  ///     for none.
  /// - Throws: ``ImageError``: `invalidArgument` for a quality outside its range, `encodingFailed` when the
  ///   picture has more than 65,500 pixels on a side or memory runs out.
  public func jpegData(quality: Int = 92, software: String? = nil) throws(ImageError) -> Data {
    guard (1...100).contains(quality) else {
      throw ImageError(.invalidArgument, "A JPEG quality is a number from 1 to 100, not \(quality).")
    }
    guard width <= 65_500, height <= 65_500 else {
      throw ImageError(.encodingFailed, "JPEG files have at most 65500 pixels on a side; save it as PNG.")
    }
    var message = fg_jpeg_message()
    var encoded: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = pixels.withUnsafeBufferPointer { source in
      fg_jpeg_encode(
        source.baseAddress, UInt32(width), UInt32(height), Int32(quality), quality < 90 ? 1 : 0, software,
        &encoded, &size, &message)
    }
    guard Int(status) == FG_JPEG_OK, let encoded else {
      throw ImageError(.encodingFailed, "The picture could not be written as JPEG (\(message.string)).")
    }
    defer { free(encoded) }
    return Data(bytes: encoded, count: size)
  }

  /// The picture as a PNG file, without loss.
  ///
  /// - Parameter software: The program that the file says it was made by, in ASCII; nil for none.
  /// - Throws: ``ImageError`` with code `encodingFailed` when memory runs out.
  public func pngData(software: String? = nil) throws(ImageError) -> Data {
    guard width <= Int(Int32.max), height <= Int(Int32.max) else {
      throw ImageError(.encodingFailed, "PNG files have at most 2147483647 pixels on a side.")
    }
    var message = fg_png_message()
    var encoded: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = pixels.withUnsafeBufferPointer { source in
      fg_png_encode(
        source.baseAddress, UInt32(width), UInt32(height), software, &encoded, &size, &message)
    }
    guard Int(status) == FG_PNG_OK, let encoded else {
      throw ImageError(.encodingFailed, "The picture could not be written as PNG (\(message.string)).")
    }
    defer { free(encoded) }
    return Data(bytes: encoded, count: size)
  }
}
