public import FaceEngine
public import Foundation
public import GalleryStore
internal import Imaging
internal import Support
internal import Video

/// Photos of folders and files, each with the person whom its path names.
///
/// The person is the folder that holds the photo: `people/Ada Lovelace/1.jpg` shows Ada Lovelace, wherever that folder lies.
/// A folder that is a date (`2024`, `2024-05-01`) lies within its person's. Photos that lie beside folders of people, or in a folder whose name is
/// nobody's, such as `photos`, are named by their files: `Ada_Lovelace_0001.jpg`. Where neither can be a person's name
/// (`DCIM/100CANON/IMG_1001.jpg`), the photo is there to be refused.
///
/// Each folder is visited once. A link to a folder that is visited anyway is passed over, so that nobody's photos are found
/// under a link's name; one that leads elsewhere is followed. Hidden names and folders of systems are left out. A byte of a
/// name that is no UTF-8 is written `\xFC`, in the person's name, too.
public struct DatasetFolder: Sendable {
  /// The photos with the names of their people, in the order of their paths.
  public private(set) var photos: [NamedPhoto] = []

  /// What was passed over.
  public private(set) var omissions: [Omission] = []

  /// Lists the photos of a folder of people, whose own name is nobody's.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - anyName: Whether numbers, names of cameras and words such as `photo` are taken as people's names, too.
  /// - Throws: ``GalleryError`` with code `invalidArgument` when the folder cannot be read.
  public init(_ folder: URL, anyName: Bool = false) throws(GalleryError) {
    try self.init(folder, named: nil, rule: NameFromPath(takesAny: anyName))
  }

  /// Lists photos and the photos of folders, in the order of the places. A file that is named outright may have any ending.
  ///
  /// A folder without folders of people in it is one person's, as it is named: `people/Ada Lovelace`. A file that is named
  /// outright shows the person whose folder is written before it, else the one that its own name says.
  ///
  /// - Parameters:
  ///   - places: Files and folders.
  ///   - name: Who is on all of them; nil reads the names from the paths.
  ///   - anyName: Whether numbers, names of cameras and words such as `photo` are taken as people's names, too.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for a place where nothing is, and for a folder that cannot be
  ///   read or has no photos.
  public init(_ places: [URL], name: String? = nil, anyName: Bool = false) throws(GalleryError) {
    let rule = NameFromPath(takesAny: anyName)
    for place in places {
      let kind: InputFile.Kind
      do throws(SystemError) {
        kind = try InputFile.kind(of: place.path(percentEncoded: false))
      } catch {
        throw GalleryError(
          .invalidArgument,
          error.code == ENOENT || error.code == ENOTDIR
            ? "\(place.relativePath) is not there: check the path." : error.description)
      }
      guard kind == .folder else {
        photos.append(NamedPhoto(place, name: name ?? Self.person(ofFile: place, rule)))
        continue
      }
      let folder = try DatasetFolder(place, named: Self.ownName(of: place), rule: rule)
      guard !folder.photos.isEmpty else {
        let endings = ImageDecoder.fileExtensions.sorted().map { "." + $0 }.joined(separator: ", ")
        throw GalleryError(
          .invalidArgument, "\(place.relativePath) holds no photos: files ending in \(endings) are taken.")
      }
      photos += name.map { name in folder.photos.map { NamedPhoto($0.photo, name: name) } } ?? folder.photos
      omissions += folder.omissions
    }
  }

  /// Lists the photos of a folder, which may have none; otherwise as ``init(_:name:anyName:)`` does.
  init(syncing folder: URL, anyName: Bool) throws(GalleryError) {
    try self.init(folder, named: Self.ownName(of: folder), rule: NameFromPath(takesAny: anyName))
  }

  /// - Parameter own: The folder's own name, if that may be a person's.
  private init(_ folder: URL, named own: String?, rule: NameFromPath) throws(GalleryError) {
    var path = folder.path(percentEncoded: false)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let walk: FolderWalk
    do throws(SystemError) {
      walk = try FolderWalk(path)
    } catch {
      throw GalleryError(.invalidArgument, error.sentence(reading: "The folder \(path)"))
    }
    omissions = walk.omissions.map { Omission($0) }
    // Where folders have other numbers, those that look like dates may be numbers as well.
    let numbers = Set(walk.files.flatMap(\.folders)).filter { NameFromPath.isNumber($0) }
    let hasDates = numbers.allSatisfy { NameFromPath.isDate($0) }
    func holder(_ folders: [String]) -> String? {
      guard hasDates || rule.takesAny || !(folders.last.map { NameFromPath.isNumber($0) } ?? false) else {
        return nil
      }
      return rule.person(in: folders)
    }
    var people: [[String]: String?] = [:]
    var found: [(file: FolderWalk.File, person: String?)] = []
    for file in walk.files {
      let ending = (file.name as NSString).pathExtension.lowercased()
      if ImageDecoder.fileExtensions.contains(ending) {
        let name = people[file.folders] ?? holder(file.folders)
        people[file.folders] = .some(name)
        found.append((file, name))
      } else {
        let kind: Omission.Kind = VideoFormat.fileExtensions.contains(ending) ? .video : .notAPhoto
        omissions.append(Omission(kind, "\(path)/\(file.path)"))
      }
    }
    // What photo programs write beside a photo is part of it.
    let photoNames = Set(found.lazy.map { ($0.file.folders + [$0.file.name]).joined(separator: "/") })
    let stems = Set(photoNames.lazy.map { ($0 as NSString).deletingPathExtension })
    omissions.removeAll { omission in
      guard omission.kind == .notAPhoto, omission.path.lowercased().hasSuffix(".xmp") else { return false }
      let name = String(omission.path.dropFirst(path.count + 1).dropLast(4))
      return photoNames.contains(name) || stems.contains(name)
    }
    // Beside folders of people the folder itself is a collection.
    let own = found.contains { $0.person != nil } ? nil : own.flatMap { rule.person(in: [$0]) }
    for (file, person) in found {
      let url = file.folders.reduce(folder) { $0.appending(path: $1, directoryHint: .isDirectory) }
        .appending(path: file.name, directoryHint: .notDirectory)
      let name: String?
      if let person {
        name = person
      } else {
        let isOfDataSet = rule.isOfDataSet(file.name)
        if let own, !isOfDataSet {
          name = holder([own] + file.folders)
        } else {
          name = file.folders.isEmpty || isOfDataSet ? rule.person(ofFile: file.name) : nil
        }
      }
      photos.append(NamedPhoto(url, name: name))
    }
  }

  /// The name of a folder that may be one person's: not the user's own, and not one at the top of the file system.
  static func ownName(of folder: URL) -> String? {
    writtenFolders(of: folder.standardizedFileURL.appending(path: "photo").path(percentEncoded: false)).last
  }

  /// The person of a file that is named outright: the folder that is written before it, else its own name.
  private static func person(ofFile file: URL, _ rule: NameFromPath) -> String? {
    rule.person(ofFile: file.lastPathComponent, in: writtenFolders(of: file.relativePath))
  }

  /// The names of the folders down to the user's own.
  private static let home = FileManager.default.homeDirectoryForCurrentUser.path.split(separator: "/").map(
    String.init)

  /// The folders that are written in a file's path and may be a person's.
  private static func writtenFolders(of path: String) -> [String] {
    var folders = Folder.of(path).split(separator: "/").map(String.init)
    if path.hasPrefix("/") {
      folders.removeFirst(min(folders.count, folders.starts(with: home) ? max(1, home.count) : 1))
    }
    // What lies above `..` is not written.
    return Array(folders[(folders.lastIndex(of: "..").map { $0 + 1 } ?? 0)...]).filter { $0 != "." }
  }
}

/// A photo with the name of the person whom it shows, if that is known.
public struct NamedPhoto: Sendable {
  /// The photo.
  public let photo: Photo
  /// The person's name, as a user writes it; nil keeps the faces without a name, to be grouped by
  /// ``Gallery/cluster(options:progress:)``.
  public let name: String?
  /// Where the face is that is meant, in pixels of the upright photo; nil lets the detector look for it. The number of faces then does not
  /// count.
  public var box: PixelRect?
  /// Whether somebody drew the box for this: then neither the quality of the face counts, nor that the detector finds one in the box. A mark that another
  /// program left may be of the back of a head.
  public var trustsBox = true
  /// Why it is not to be enrolled, whatever it shows; nil when it is.
  public let refusal: Refusal?

  /// A photo with a name, or without one, and perhaps the place of the face.
  public init(_ photo: Photo, name: String?, box: PixelRect? = nil) {
    self.photo = photo
    self.name = name
    self.box = box
    refusal = nil
  }

  /// The faces that go when those of the photo are there: of what was in its place before.
  var replaces: [FaceID] = []

  /// A file with the name that its path gives; without one it is refused.
  init(_ file: URL, name: String?) {
    photo = .file(file)
    self.name = name
    refusal = name == nil ? .noName : nil
  }
}
