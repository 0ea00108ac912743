public import Foundation
public import Imaging

/// A photo in one of the forms in which programs have them.
public enum Photo: Sendable {
  /// A file on disk.
  case file(URL)
  /// A file's bytes in memory, and what to call them in reports.
  case data(Data, name: String?)
  /// A decoded picture, and what to call it in reports.
  case image(RGBImage, name: String?)

  /// The path or name, for reports and for the face's record; nil when there is none.
  public var label: String? {
    switch self {
    case .file(let url): url.path(percentEncoded: false)
    case .data(_, let name), .image(_, let name): name
    }
  }
}
