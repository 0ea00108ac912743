import Console
import FaceGallery
import Foundation
import Support

/// A gallery that a command may have to make, and does not leave behind where it had nothing to store.
struct NewGallery {
  private let place: URL
  private let isThere: Bool
  private let isFolderThere: Bool

  /// Looks whether there is a gallery, before it is opened.
  init(_ arguments: Arguments) throws {
    place = try arguments.galleryURL
    isThere = Gallery.exists(at: place)
    isFolderThere = InputFile.exists(place.path(percentEncoded: false))
  }

  /// Says that a gallery is made where there is none: a slip of the keyboard may be the cause.
  func announce() {
    Terminal.remark { isThere ? nil : "a new gallery is made: \(Gallery.place(of: place))" }
  }

  /// Removes what was made if nothing was stored in it, after the gallery was closed.
  func takeBack() {
    guard !isThere else { return }
    Gallery.removeUnused(at: place, keepingFolder: isFolderThere)
  }
}
