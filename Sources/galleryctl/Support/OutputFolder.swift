import FaceGallery
import Foundation
import Imaging
import Support

/// A folder that receives pictures of faces, which are its owner's alone.
///
/// They say that this program made them, and take the place of such pictures only: others may have names like theirs.
struct OutputFolder {
  private let folder: URL
  /// The photo that a name was used for: two photos in different folders may have the same.
  private var photos: [String: URL] = [:]

  /// Makes the folder where it is not there.
  ///
  /// - Throws: `InputError` for the folder of a gallery, and `SystemError` when it cannot be made.
  init(_ folder: URL) throws {
    try OutputPlace.check(folder, for: "the pictures")
    self.folder = folder
    try Folder.make(folder.path(percentEncoded: false))
  }

  /// Writes a picture as PNG.
  ///
  /// - Throws: `InputError` when something is there that this program did not make; `ImageError`, `SystemError`.
  func write(_ picture: RGBImage, to name: String) throws {
    let path = self.path(of: name)
    try OwnPicture.checkReplaceable(path)
    try ReplacementFile.write(picture.pngData(software: OwnPicture.software), to: path)
  }

  /// Removes the pictures that this program made, of those whose names are wanted.
  func remove(where isWanted: (String) -> Bool) {
    let names = (try? Folder.names(in: folder.path(percentEncoded: false)).valid) ?? []
    for name in names where isWanted(name) && OwnPicture.isOwn(path(of: name)) { unlink(path(of: name)) }
  }

  private func path(of name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  /// Writes one face as `PHOTO-N.png`, or `PHOTO (2)-N.png` when another photo of the run has the same name.
  mutating func write(_ chip: RGBImage, photo: URL, face: Int) throws {
    let stem = photo.deletingPathExtension().lastPathComponent
    var (name, number) = (stem, 1)
    while let other = photos[name], other != photo {
      number += 1
      name = "\(stem) (\(number))"
    }
    photos[name] = photo
    try write(chip, to: "\(name)-\(face).png")
  }
}

extension URL {
  /// Whether both lead to one file that is there.
  func isSameFile(as other: URL) -> Bool {
    var (own, others) = (stat(), stat())
    guard stat(path(percentEncoded: false), &own) == 0, stat(other.path(percentEncoded: false), &others) == 0
    else {
      return false
    }
    return own.st_dev == others.st_dev && own.st_ino == others.st_ino
  }
}
