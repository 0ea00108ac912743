import Console
import FaceGallery
import Foundation
import Support

/// A gallery that a command may have to make, and does not leave behind where it had nothing to store.
struct NewGallery {
  private let arguments: Arguments
  private let isThere: Bool
  private let isFolderThere: Bool

  /// Looks whether there is a gallery, before it is opened.
  init(_ arguments: Arguments) {
    self.arguments = arguments
    isThere = Gallery.exists(at: arguments.galleryURL)
    isFolderThere = InputFile.exists(arguments.galleryURL.path(percentEncoded: false))
  }

  /// Removes what was made if nothing was stored in it, after the gallery was closed.
  func takeBack() {
    guard !isThere else { return }
    Gallery.removeUnused(at: arguments.galleryURL, keepingFolder: isFolderThere)
  }
}
