internal import CCairo

/// The cairo library that is loaded.
public enum DrawingLibrary {
  /// Its version, such as "1.16.0".
  public static var version: String { String(cString: cairo_version_string()) }
}
