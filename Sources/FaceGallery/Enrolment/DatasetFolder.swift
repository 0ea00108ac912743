public import Foundation

/// A folder of photos of people: a sub-folder, or else the file's name, is the person.
public struct DatasetFolder: Sendable, Hashable {
  /// The photos, in the order of their paths.
  public private(set) var photos: [NamedPhoto] = []
  /// Folders that could not be looked at, a sentence each.
  public private(set) var unreadable: [String] = []

  /// The extensions, in lower case, by which photos are recognised in a folder.
  public static let photoExtensions: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

  /// Lists the photos of a folder. Hidden files and files of other kinds are left out.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument` when the folder cannot be read.
  public init(_ folder: URL) throws(GalleryError) {
    guard let entries = Self.entries(of: folder) else {
      throw GalleryError(
        .invalidArgument,
        "The folder \(folder.path(percentEncoded: false)) does not exist or may not be read.")
    }
    for entry in entries {
      if entry.hasDirectoryPath {
        collect(entry, name: entry.lastPathComponent)
      } else if Self.isPhoto(entry) {
        photos.append(NamedPhoto(entry))
      }
    }
  }

  private mutating func collect(_ folder: URL, name: String) {
    guard let entries = Self.entries(of: folder) else {
      unreadable.append("The folder \(folder.path(percentEncoded: false)) may not be read.")
      return
    }
    for entry in entries {
      if entry.hasDirectoryPath {
        collect(entry, name: name)
      } else if Self.isPhoto(entry) {
        photos.append(NamedPhoto(entry, name: name.replacing("_", with: " ")))
      }
    }
  }

  private static func isPhoto(_ url: URL) -> Bool { photoExtensions.contains(url.pathExtension.lowercased()) }

  private static func entries(of folder: URL) -> [URL]? {
    let path = folder.path(percentEncoded: false)
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return nil }
    return names.filter { !$0.hasPrefix(".") }.sorted().map { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
      return folder.appending(path: name, directoryHint: isFolder.boolValue ? .isDirectory : .notDirectory)
    }
  }
}
