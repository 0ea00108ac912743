internal import CJPEG
internal import CPNG
internal import CPictures
internal import CWebP

/// The C libraries that decode and encode pictures here.
public enum ImagingLibraries {
  /// Their names and versions; those that are not installed are left out.
  public static var versions: [(name: String, version: String)] {
    let jpeg = Int(fg_jpeg_version())
    let webp = Int(WebPGetDecoderVersion())
    let linked = [
      ("libjpeg-turbo", "\(jpeg / 1_000_000).\(jpeg / 1_000 % 1_000).\(jpeg % 1_000)"),
      ("libpng", String(cString: fg_png_version())),
      ("libwebp", "\(webp >> 16).\(webp >> 8 & 0xFF).\(webp & 0xFF)"),
    ]
    return linked
      + [fg_heif, fg_tiff, fg_gif, fg_jpeg2000, fg_jpeg_xl].compactMap { library in
        guard let text = library.version(),
          let number = String(cString: text).firstMatch(of: /[0-9]+(\.[0-9]+)+/)
        else { return nil }
        return (String(cString: library.name), String(number.output.0))
      }
  }
}
