internal import CPNG
internal import CTurboJPEG
internal import CWebP

/// The C libraries that decode and encode pictures here.
public enum ImagingLibraries {
  /// Their names and versions.
  public static var versions: [(name: String, version: String)] {
    let jpeg = Int(LIBJPEG_TURBO_VERSION_NUMBER)
    let webp = Int(WebPGetDecoderVersion())
    return [
      ("libjpeg-turbo", "\(jpeg / 1_000_000).\(jpeg / 1_000 % 1_000).\(jpeg % 1_000)"),
      ("libpng", String(cString: fg_png_version())),
      ("libwebp", "\(webp >> 16).\(webp >> 8 & 0xFF).\(webp & 0xFF)"),
    ]
  }
}
