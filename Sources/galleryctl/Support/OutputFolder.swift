import Foundation
import Imaging
import Support

/// A folder that receives pictures of faces, which are its owner's alone.
struct OutputFolder {
  private let folder: URL
  /// The photo that a name was used for: two photos in different folders may have the same.
  private var photos: [String: URL] = [:]

  /// Makes the folder where it is not there.
  ///
  /// - Throws: `SystemError` when it cannot be made.
  init(_ folder: URL) throws(SystemError) {
    self.folder = folder
    try Folder.make(folder.path(percentEncoded: false))
  }

  /// Writes a file.
  ///
  /// - Throws: `SystemError`.
  func write(_ data: Data, to name: String) throws(SystemError) {
    try ReplacementFile.write(data, to: folder.appending(path: name).path(percentEncoded: false))
  }

  /// Removes a file; false when it is not there.
  func remove(_ name: String) -> Bool {
    unlink(folder.appending(path: name).path(percentEncoded: false)) == 0
  }

  /// Writes one face as `PHOTO-N.png`, or `PHOTO (2)-N.png` when another photo of the run has the same name.
  mutating func write(_ chip: RGBImage, photo: URL, face: Int) throws {
    let stem = photo.deletingPathExtension().lastPathComponent
    var (name, number) = (stem, 1)
    while let other = photos[name], other != photo {
      number += 1
      name = "\(stem) (\(number))"
    }
    photos[name] = photo
    try write(chip.pngData(), to: "\(name)-\(face).png")
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
