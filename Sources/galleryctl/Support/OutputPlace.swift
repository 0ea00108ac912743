import FaceGallery
import Foundation

/// Where something is written that is no gallery's.
enum OutputPlace {
  /// Makes sure that a file or folder lies in no gallery, which may write over it or delete it.
  ///
  /// - Parameter use: What is written there: an option, or what it is.
  /// - Throws: `InputError`.
  static func check(_ url: URL, for use: String) throws(InputError) {
    // A folder may be a gallery itself.
    guard Gallery.gallery(around: url.appending(path: "x")) ?? Gallery.gallery(around: url) != nil else {
      return
    }
    throw InputError("\(url.relativePath) is a gallery, or lies in one: name another place for \(use).")
  }
}
