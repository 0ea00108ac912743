internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// Finds photos again that were added before: where they were, by name in a folder, or by digest in a folder.
struct PhotoLocator: Sendable {
  private let files: [URL]
  private let byName: [String: [URL]]
  private var byDigest: [PhotoDigest: URL] = [:]
  /// Why a file, or a part of the folder, could not be read, which may be any photo.
  private var failure: String?

  /// What is found of a photo.
  enum Finding {
    case found(LoadedPhoto)
    case nowhere
    /// The system did not let a file be read that may be the photo; why.
    case failed(String)
  }

  /// - Throws: ``GalleryError`` with code `invalidArgument` for a folder that cannot be read.
  init(_ folder: URL?) throws(GalleryError) {
    var found: DatasetFolder?
    if let folder { found = try DatasetFolder(folder) }
    // A photo that was named outright may have any ending.
    let others = (found?.omissions ?? []).filter { $0.kind == .notAPhoto }.map { URL(filePath: $0.path) }
    files = (found?.photos ?? []).compactMap { if case .file(let url) = $0.photo { url } else { nil } } + others
    let unread = (found?.omissions ?? []).first { $0.kind == .unreadable }
    failure = unread.map { "\($0.path) cannot be read." }
    byName = Dictionary(grouping: files, by: \.lastPathComponent)
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
        case .failure: break
        }
        done += 1
      }
      progress(done, files.count)
    }
  }

  /// The digests of a file; nil for one that is no picture, such as a video, which is not read to its end.
  private static func digests(_ file: URL) -> Result<PhotoDigests?, ImageError> {
    Result { () throws(ImageError) in
      try ImageFile.isPicture(file) ? LoadedPhoto(.file(file)).digests : nil
    }
  }

  /// Whether there is a folder to be read.
  var hasFiles: Bool { !files.isEmpty }

  private static func load(_ file: URL) -> Result<LoadedPhoto, ImageError> {
    Result { () throws(ImageError) in try LoadedPhoto(.file(file)) }
  }

  /// The photo with a digest.
  func photo(_ digest: PhotoDigest, paths: [String]) -> Finding {
    var places = [byDigest[digest]].compactMap { $0 }
    var failure = failure
    for path in paths {
      places.append(URL(filePath: path))
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
    return failure.map(Finding.failed) ?? .nowhere
  }
}
