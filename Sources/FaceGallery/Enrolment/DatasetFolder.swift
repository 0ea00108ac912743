public import Foundation
public import GalleryStore
internal import Support

/// A folder of photos, read as the seed did: a sub-folder, or else the file's name, is the person.
///
/// Each folder is visited once. A link to a folder that is visited anyway is passed over, so that nobody's photos are found
/// under a link's name; one that leads elsewhere is followed.
public struct DatasetFolder: Sendable {
  /// The photos with the names of their people, in the order of their paths.
  public private(set) var photos: [NamedPhoto] = []

  /// Folders that could not be looked at or were passed over, each with the reason.
  public private(set) var unreadable: [String] = []

  /// Extensions of the files that are taken for photos, in lower case.
  public static let photoExtensions: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png", "webp"]

  /// Lists the photos of a folder. Hidden files and files of other kinds are left out.
  ///
  /// - Throws: ``GalleryError`` with code `invalidArgument` when the folder cannot be read.
  public init(_ folder: URL) throws(GalleryError) {
    var path = folder.path(percentEncoded: false)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let walk: FolderWalk
    do {
      walk = try FolderWalk(path)
    } catch {
      throw GalleryError(.invalidArgument, "The folder \(path) does not exist or may not be read.")
    }
    unreadable = walk.remarks
    for file in walk.files {
      let url = file.folders.reduce(folder) { $0.appending(path: $1, directoryHint: .isDirectory) }
        .appending(path: file.name, directoryHint: .notDirectory)
      guard Self.isPhoto(url) else { continue }
      let name = file.folders.first.map { $0.replacing("_", with: " ") } ?? Self.name(ofFile: file.name)
      photos.append(NamedPhoto(.file(url), name: name))
    }
  }

  /// Lists photos and the photos of folders, in the order of the places. A file that is named outright may have any ending.
  ///
  /// - Parameters:
  ///   - places: Files and folders.
  ///   - name: Who is on all of them; nil reads the names from the paths.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for a place where nothing is, and for a folder that cannot be
  ///   read or has no photos.
  public init(_ places: [URL], name: String? = nil) throws(GalleryError) {
    for place in places {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else {
        throw GalleryError(.invalidArgument, "\(place.relativePath) is not there: check the path.")
      }
      guard isFolder.boolValue else {
        photos.append(NamedPhoto(.file(place), name: name ?? Self.name(ofFile: place.lastPathComponent)))
        continue
      }
      let folder = try DatasetFolder(place)
      guard !folder.photos.isEmpty else {
        let endings = Self.photoExtensions.sorted().map { "." + $0 }.joined(separator: ", ")
        throw GalleryError(
          .invalidArgument, "\(place.relativePath) holds no photos: files ending in \(endings) are taken.")
      }
      photos += folder.photos.map { NamedPhoto($0.photo, name: name ?? $0.name) }
      unreadable += folder.unreadable
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

  private static func isPhoto(_ url: URL) -> Bool { photoExtensions.contains(url.pathExtension.lowercased()) }
}

/// A photo with the name of the person whom it shows, if that is known.
public struct NamedPhoto: Sendable {
  /// The photo.
  public let photo: Photo
  /// The person's name, as a user writes it; nil keeps the faces without a name, to be grouped by
  /// ``Gallery/cluster(options:progress:)``.
  public let name: String?

  /// A photo with a name, or without one.
  public init(_ photo: Photo, name: String?) {
    self.photo = photo
    self.name = name
  }
}
