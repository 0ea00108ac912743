public import Foundation

/// A folder of photos, read as the seed did: a sub-folder, or else the file's name, is the person.
public struct DatasetFolder: Sendable {
  /// The photos with the names of their people, in the order of their paths.
  public private(set) var photos: [NamedPhoto] = []

  /// Folders that could not be looked at, each with the reason.
  public private(set) var unreadable: [String] = []

  /// Extensions of the files that are taken for photos, in lower case.
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
        photos.append(NamedPhoto(.file(entry), name: Self.name(ofFile: entry.lastPathComponent)))
      }
    }
  }

  /// The person whom a file's name means: without extension, without a number at its end (`_0001`, `-1`,
  /// ` (1)`, ` 1`), underscores as spaces. A name that is nothing but a number is kept.
  public static func name(ofFile file: String) -> String {
    let stem = (file as NSString).deletingPathExtension
    let base =
      if let number = stem.firstMatch(of: /[_\- ]+\(?[0-9]+\)?$|\([0-9]+\)$/),
        number.range.lowerBound > stem.startIndex
      {
        String(stem[..<number.range.lowerBound])
      } else {
        stem
      }
    return base.replacing("_", with: " ")
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
        photos.append(NamedPhoto(.file(entry), name: name.replacing("_", with: " ")))
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
