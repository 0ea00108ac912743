import Drawing
import FaceGallery
import Foundation
import Support

/// Contact sheets of a gallery's faces, in a folder.
struct FaceSheets {
  /// Why faces have no picture.
  static let withoutPicture =
    "no thumbnail was kept (add --keep-thumbnails) and the photos are not where they were"

  private let gallery: Gallery
  private let folder: OutputFolder

  /// Makes the folder where it is not there.
  ///
  /// - Throws: `InputError` for the folder of a gallery, and `SystemError` when it cannot be made.
  init(of gallery: Gallery, in folder: String) throws {
    self.gallery = gallery
    self.folder = try OutputFolder(URL(typed: folder, directoryHint: .isDirectory))
  }

  /// A cell of a face; nil when there is no picture of it.
  ///
  /// - Parameter photo: The photo's path when the face was added.
  func cell(
    of face: UInt64, _ title: String, photo: String?, _ lines: String...
  ) throws -> ContactSheet.Cell? {
    guard let picture = try gallery.thumbnailImage(of: FaceID(rawValue: face)) else { return nil }
    return .init(picture, caption: [title, photo.map { URL(filePath: $0).lastPathComponent } ?? ""] + lines)
  }

  /// Draws and writes a sheet.
  ///
  /// - Parameter columns: Cells a row; nil for a sheet about as wide as high.
  /// - Throws: `InputError` when something else has the name; `DrawingError`, `ImageError`, and `SystemError` when the file cannot
  ///   be written.
  func write(_ title: String, _ cells: [ContactSheet.Cell], columns: Int? = nil, to name: String) throws {
    try folder.write(ContactSheet(title: title, cells: cells, columns: columns).render(), to: name)
  }

  /// Removes the sheets of earlier runs, of those whose names are wanted.
  func remove(where isWanted: (String) -> Bool) { folder.remove(where: isWanted) }
}
