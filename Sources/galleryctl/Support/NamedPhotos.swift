import FaceGallery
import Foundation

/// The photos that `add` is given, each with the person whom it shows.
struct NamedPhotos {
  private(set) var photos: [NamedPhoto] = []
  /// Folders that could not be looked at, a sentence each.
  private(set) var unreadable: [String] = []

  /// Collects files and folders; with `name`, all of them show that person.
  ///
  /// - Throws: `InputError` for a path that is not there or a folder without photos.
  init(at paths: [String], name: String?) throws {
    for path in paths {
      let url = URL(filePath: path)
      guard try PhotoFinder.isFolder(url) else {
        photos.append(NamedPhoto(.file(url), name: name ?? DatasetFolder.name(ofFile: url.lastPathComponent)))
        continue
      }
      let folder = try DatasetFolder(url)
      guard !folder.photos.isEmpty else { throw PhotoFinder.noPhotos(in: path) }
      photos += folder.photos.map { NamedPhoto($0.photo, name: name ?? $0.name) }
      unreadable += folder.unreadable
    }
  }
}
