public import Foundation

/// A photo file and the person whom it shows.
public struct NamedPhoto: Sendable, Hashable {
  /// The file.
  public let url: URL
  /// The person's name.
  public let name: String

  /// A photo of a person; without a name, the file's name says who it is: `Ada_Lovelace_0001.jpg` shows Ada
  /// Lovelace.
  public init(_ url: URL, name: String? = nil) {
    self.url = url
    self.name = name ?? Self.name(ofFile: url.lastPathComponent)
  }

  /// The person whom a file's name means: without extension, without a number at its end (`_0001`, `-1`,
  /// ` (1)`, ` 1`), underscores as spaces. A name that is nothing but a number is kept.
  static func name(ofFile file: String) -> String {
    let stem = (file as NSString).deletingPathExtension
    let base =
      if let number = stem.firstMatch(of: /[_\- ]+\(?[0-9]+\)?$|\([0-9]+\)$/),
        number.range.lowerBound > stem.startIndex
      {
        String(stem[..<number.range.lowerBound])
      } else {
        stem
      }
    return base.replacing("_", with: " ")
  }
}
