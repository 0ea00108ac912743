import Foundation
import Support

/// Pictures that say that this program made them, so that a later run may put others in their place without being asked.
enum OwnPicture {
  /// What they say.
  static let software = "galleryctl"
  /// A picture says who made it within its first bytes: signature and header take 33, those of a JPEG 20.
  private static let markedBytes = 128

  /// Whether there is such a picture at a path.
  static func isOwn(_ path: String) -> Bool {
    guard !InputFile.isLink(path), let file = try? MappedFile(path) else { return false }
    return file.bytes.prefix(markedBytes).firstRange(of: Data("Software\0\(software)".utf8)) != nil
  }

  /// Makes sure that nothing is lost by a picture at a path that the user did not name.
  ///
  /// - Throws: `InputError` when something is there that this program did not make.
  static func checkReplaceable(_ path: String) throws(InputError) {
    guard InputFile.isThere(path), !isOwn(path) else { return }
    throw InputError(
      "\(path) is there, and was not made by \(software): move it away, or name another place.")
  }
}
