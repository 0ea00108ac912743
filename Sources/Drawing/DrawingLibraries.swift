internal import CCairo
internal import CPango

/// The libraries that draw.
public enum DrawingLibraries {
  /// Their names and versions; those that are not installed are left out.
  public static var versions: [(name: String, version: String)] {
    let optional = [("Pango", fg_pango_version().map { String(cString: $0) })]
    return [("cairo", String(cString: cairo_version_string()))]
      + optional.compactMap { name, version in version.map { (name, $0) } }
  }
}
