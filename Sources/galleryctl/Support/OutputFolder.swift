import Foundation
import Imaging
import Support

/// A folder that receives pictures of faces, which are its owner's alone.
struct OutputFolder {
  private let folder: URL

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

  /// Writes one face as `PHOTO-N.png`.
  func write(_ chip: RGBImage, photo: URL, face: Int) throws {
    try write(chip.pngData(), to: "\(photo.deletingPathExtension().lastPathComponent)-\(face).png")
  }
}
