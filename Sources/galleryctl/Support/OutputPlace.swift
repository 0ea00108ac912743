import FaceGallery
import Foundation
import Support

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

  /// Runs `body`, which has a gallery write somewhere else: where that place takes nothing, the word that names it is at fault, not the
  /// gallery. A disk that is full is no fault of the word.
  ///
  /// - Parameter isTaking: Tries whether something can be written there.
  /// - Throws: `InputError`, and what `body` throws.
  static func naming<Result>(isTaking: () throws -> Void, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as GalleryError
      where [.permissionDenied, .readOnly, .storage, .notFound].contains(error.code)
    {
      do { try isTaking() } catch let fault as SystemError where fault.isOfPath {
        throw InputError(error.message)
      } catch {}
      throw error
    }
  }
}
