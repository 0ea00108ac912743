internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support
internal import Video

/// Finds photos again that were added before: where they were, by name in a folder, or by digest in a folder.
struct PhotoLocator: Sendable {
  private let files: [URL]
  private let byName: [String: [URL]]
  private let takesFoldersAsGone: Bool
  private var byDigest: [PhotoDigest: URL] = [:]
  /// Why a file, or a part of the folder, could not be looked at, which may be any photo.
  private var failure: String?

  /// What is found of a photo.
  enum Finding {
    case found(LoadedPhoto)
    case nowhere
    /// Something may be the photo, or hold it, and cannot be looked at; why.
    case failed(String)
  }

  /// - Parameters:
  ///   - folder: Where to look, in all folders below, for files of any name.
  ///   - takesFoldersAsGone: Whether photos are gone whose folder is not there or is empty; else its disk may not be mounted.
  /// - Throws: ``GalleryError`` with code `invalidArgument` for a folder that cannot be read.
  init(_ folder: URL?, takesFoldersAsGone: Bool) throws(GalleryError) {
    self.takesFoldersAsGone = takesFoldersAsGone
    guard let folder else {
      (files, byName) = ([], [:])
      return
    }
    var path = folder.path(percentEncoded: false)
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let walk: FolderWalk
    do throws(SystemError) {
      walk = try FolderWalk(path, leavesNothingOut: true)
    } catch {
      throw GalleryError(.invalidArgument, error.sentence(reading: "The folder \(path)"))
    }
    files = walk.files.map { folder.appending(path: $0.path, directoryHint: .notDirectory) }
    byName = Dictionary(grouping: files, by: \.lastPathComponent)
    for omission in walk.omissions {
      switch omission.reason {
      case .unreadable(let reason): failure = "\(omission.path) cannot be read: \(reason)."
      case .special where !takesFoldersAsGone: failure = "\(omission.path) is no file."
      default: continue
      }
      return
    }
    if takesFoldersAsGone { return }
    // A folder that only has others in it holds what they hold. By bytes: the system tells names apart that are equal as text.
    let above = Set(walk.folders.map { Array(Folder.of($0).utf8) })
    failure =
      walk.folders.lazy.filter { !above.contains(Array($0.utf8)) }.compactMap { Self.absence($0) }.first
  }

  /// Reads every file of the folder, so that photos are found by what is in them.
  mutating func readAll(progress: (Int, Int) -> Void) {
    let files = files
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: files.count, window: 8 * cores) { index in
      Self.digests(files[index])
    }
    var done = 0
    pipeline.run(threads: cores, maximumBatch: 4 * cores) { results in
      for result in results {
        switch result {
        case .success(nil): break
        case .success(let digests?):
          byDigest[digests.picture] = files[done]
          if let file = digests.file { byDigest[file] = files[done] }
        case .failure(let error) where error.code == .inaccessible: failure = failure ?? error.message
        // A link that leads nowhere.
        case .failure(let error) where error.code == .unreadable && !takesFoldersAsGone:
          failure = failure ?? error.message
        case .failure: break
        }
        done += 1
      }
      progress(done, files.count)
    }
  }

  /// Whether there is a folder to be read.
  var hasFiles: Bool { !files.isEmpty }

  /// The photo with a digest.
  func photo(_ digest: PhotoDigest, paths: [String]) -> Finding {
    var places = [byDigest[digest]].compactMap { $0 }
    var failure = failure
    for path in paths {
      places.append(URL(typed: path))
      places += byName[URL(filePath: path).lastPathComponent] ?? []
    }
    for place in places {
      switch Self.load(place) {
      case .success(let photo):
        if photo.digests.contains(digest) { return .found(photo) }
      case .failure(let error) where error.code == .inaccessible: failure = error.message
      case .failure: break
      }
    }
    if !takesFoldersAsGone {
      // Another photo in its place, or of its name, is another photo; a part of one may be what a copy has left.
      for place in places where failure == nil { failure = Self.damage(place) }
      for path in paths where failure == nil { failure = Self.absence(ofPhoto: path) }
    }
    return failure.map(Finding.failed) ?? .nowhere
  }

  /// Why a photo that is not where it was may be there all the same; nil when nothing says so.
  private static func absence(ofPhoto path: String) -> String? {
    // What has no folder came without a place, from a client of the server.
    guard path.contains("/") else { return nil }
    return InputFile.isThere(path) ? nil : absence(Folder.of(path))
  }

  /// What is wrong with a file that may be the photo, or a part of it; nil when nothing is there, or a whole photo.
  private static func damage(_ place: URL) -> String? {
    let path = place.path(percentEncoded: false)
    // Frames of a video are not looked for: trying again would not help.
    guard InputFile.isThere(path), !VideoFormat.isVideo(path) else { return nil }
    do {
      let file = try ImageFile.read(place, maximumBytes: ImageDecoder().maximumFileSize)
      // The last bytes may be missing of a file all of whose pixels are there.
      if !PictureEnd.isMissing(in: file) {
        _ = try ImageDecoder().decode(file, sizeHint: 64)
        return nil
      }
    } catch {}
    return "\(path) is there, and is no photo that can be read to its end."
  }

  /// Why what was in a folder may be there all the same: the folder is not, or holds nothing that is called as photos are.
  private static func absence(_ folder: String) -> String? {
    do throws(SystemError) {
      let (valid, invalid) = try Folder.names(in: folder)
      let hasPhoto = (valid + invalid).contains { name in
        !name.hasPrefix(".")
          && ImageDecoder.fileExtensions.contains(URL(filePath: name).pathExtension.lowercased())
      }
      return hasPhoto ? nil : "The folder \(folder) holds no photo: is its disk mounted?"
    } catch {
      return error.code == ENOENT
        ? "The folder \(folder) is not there: is its disk mounted?" : error.description
    }
  }

  /// The digests of a file; nil for one that is no picture, such as a video, which is not read to its end.
  private static func digests(_ file: URL) -> Result<PhotoDigests?, ImageError> {
    Result { () throws(ImageError) in
      try ImageFile.isPicture(file) ? LoadedPhoto(.file(file)).digests : nil
    }
  }

  private static func load(_ file: URL) -> Result<LoadedPhoto, ImageError> {
    Result { () throws(ImageError) in try LoadedPhoto(.file(file)) }
  }
}
