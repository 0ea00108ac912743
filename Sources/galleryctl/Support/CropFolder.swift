import Foundation
import Imaging

/// A folder that receives cut-out faces, named after their photo and number.
struct CropFolder {
  private let folder: URL

  /// Makes the folder where it is not there.
  ///
  /// - Throws: `InputError` when it cannot be made.
  init(_ folder: URL) throws(InputError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError("\(folder.relativePath) cannot be made: choose a folder that you may write to.")
    }
  }

  /// Writes one face as `PHOTO-N.png`.
  func write(_ chip: RGBImage, photo: URL, face: Int) throws {
    let name = "\(photo.deletingPathExtension().lastPathComponent)-\(face).png"
    try chip.pngData().write(to: folder.appending(path: name))
  }
}
