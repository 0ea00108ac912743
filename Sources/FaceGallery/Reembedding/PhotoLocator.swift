internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

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
    let path = folder.path(percentEncoded: false)
    let walk: FolderWalk
    do {
      walk = try FolderWalk(path, leavesNothingOut: true)
    } catch {
      throw GalleryError(.invalidArgument, "The folder \(path) does not exist or may not be read.")
    }
    files = walk.files.map { folder.appending(path: $0.path, directoryHint: .notDirectory) }
    byName = Dictionary(grouping: files, by: \.lastPathComponent)
    for case let omission in walk.omissions {
      if case .unreadable(let reason) = omission.reason {
        failure = "\(omission.path) cannot be read: \(reason)."
        return
      }
    }
    if !takesFoldersAsGone { failure = walk.folders.lazy.compactMap { Self.absence($0) }.first }
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
        // Also a link that leads nowhere.
        case .failure(let error) where [.inaccessible, .unreadable].contains(error.code):
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
        // Where the photo was there is a file that was not written, or not read, to its end.
        if photo.isEmpty { failure = "The photo \(place.path(percentEncoded: false)) is empty." }
      case .failure(let error) where error.code == .inaccessible: failure = error.message
      case .failure: break
      }
    }
    for path in paths where failure == nil && !takesFoldersAsGone { failure = Self.absence(ofPhoto: path) }
    return failure.map(Finding.failed) ?? .nowhere
  }

  /// Why a photo that is not where it was may be there all the same; nil when nothing says so.
  private static func absence(ofPhoto path: String) -> String? {
    // What has no folder came without a place, from a client of the server.
    guard path.contains("/") else { return nil }
    guard InputFile.isThere(path) else {
      return absence(Folder.of(path)) { names in
        !names.contains { ImageDecoder.fileExtensions.contains(URL(filePath: $0).pathExtension.lowercased()) }
      }
    }
    // Another photo in its place is another photo; a part of one, or nothing of the kind, may be what a copy has left.
    do {
      _ = try ImageDecoder().decode(contentsOf: URL(typed: path), sizeHint: 64)
      return nil
    } catch {
      return "\(path) is there, and is no photo that can be read to its end."
    }
  }

  /// Why what was in a folder may be there all the same: the folder is not, or is bare.
  private static func absence(_ folder: String, isBare: ([String]) -> Bool = \.isEmpty) -> String? {
    do throws(SystemError) {
      let (valid, invalid) = try Folder.names(in: folder)
      return isBare(valid + invalid) ? "The folder \(folder) holds no photo: is its disk mounted?" : nil
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
