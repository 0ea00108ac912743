import Foundation
import Imaging

/// A folder that receives pictures.
struct OutputFolder {
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

  /// Writes a file.
  func write(_ data: Data, to name: String) throws {
    try data.write(to: folder.appending(path: name))
  }

  /// Writes one face as `PHOTO-N.png`.
  func write(_ chip: RGBImage, photo: URL, face: Int) throws {
    try write(chip.pngData(), to: "\(photo.deletingPathExtension().lastPathComponent)-\(face).png")
  }
}
