import FaceGallery
import Foundation

/// Where something is written that is no gallery's.
enum OutputPlace {
  /// Makes sure that a file or folder lies in no gallery, which may write over it or delete it.
  ///
  /// - Parameter name: How the user named it: an option, or what it is.
  /// - Throws: `InputError`.
  static func check(_ url: URL, _ name: String) throws(InputError) {
    // A folder may be a gallery itself.
    guard let gallery = Gallery.gallery(around: url.appending(path: "x")) ?? Gallery.gallery(around: url)
    else {
      return
    }
    throw InputError(
      "\(name) would write into the gallery \(gallery.path(percentEncoded: false)); name another place.")
  }
}
