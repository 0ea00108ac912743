import Foundation

/// Finds the photos that paths name.
enum PhotoFinder {
  /// Endings of files that are taken from folders; a file named outright may have any ending.
  static let endings: Set<String> = ["jpg", "jpeg", "jpe", "png", "webp"]

  /// The files among `paths` and the photos below the folders among them, sorted within each folder.
  ///
  /// - Throws: `InputError` for a path that is not there or a folder without photos.
  static func photos(at paths: [String]) throws(InputError) -> [URL] {
    var photos: [URL] = []
    for path in paths {
      let url = URL(filePath: path)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
        throw InputError("\(path) is not there: check the path.")
      }
      guard isFolder.boolValue else {
        photos.append(url)
        continue
      }
      let found = photos(below: url)
      guard !found.isEmpty else {
        throw InputError("\(path) holds no photos: files ending in .jpg, .jpeg, .png or .webp are taken.")
      }
      photos += found
    }
    return photos
  }

  private static func photos(below folder: URL) -> [URL] {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
    var found: [URL] = []
    while let file = files?.nextObject() as? URL {
      if endings.contains(file.pathExtension.lowercased()) { found.append(file) }
    }
    return found.sorted { $0.path < $1.path }
  }
}
