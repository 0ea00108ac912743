import FaceGallery
import Foundation

/// Finds the photos that paths name.
enum PhotoFinder {
  /// The files among `paths`, and the photos below the folders among them.
  ///
  /// A file that is named outright may have any ending.
  /// - Throws: `InputError` for a path that is not there or a folder without photos.
  static func photos(at paths: [String]) throws -> [URL] {
    var photos: [URL] = []
    for path in paths {
      let url = URL(filePath: path)
      guard try isFolder(url) else {
        photos.append(url)
        continue
      }
      let found = try DatasetFolder(url).photos
      guard !found.isEmpty else { throw noPhotos(in: path) }
      photos += found.compactMap { if case .file(let url) = $0.photo { url } else { nil } }
    }
    return photos
  }

  /// Whether `url` is a folder.
  ///
  /// - Throws: `InputError` when nothing is there.
  static func isFolder(_ url: URL) throws(InputError) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw InputError("\(url.relativePath) is not there: check the path.")
    }
    return isFolder.boolValue
  }

  static func noPhotos(in path: String) -> InputError {
    let endings = DatasetFolder.photoExtensions.sorted().map { "." + $0 }.joined(separator: ", ")
    return InputError("\(path) holds no photos: files ending in \(endings) are taken.")
  }
}
