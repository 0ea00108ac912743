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
    files = (found?.photos ?? []).compactMap { if case .file(let url) = $0.photo { url } else { nil } }
    let unread = (found?.omissions ?? []).first { $0.kind == .unreadable }
    failure = unread.map { "\($0.path) cannot be read." }
    byName = Dictionary(grouping: files, by: \.lastPathComponent)
  }

  /// Reads every file of the folder, so that photos are found by what is in them.
  mutating func readAll(progress: (Int, Int) -> Void) {
    let files = files
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: files.count, window: 8 * cores) { index in
      Self.load(files[index]).map(\.digests)
    }
    var done = 0
    pipeline.run(threads: cores, maximumBatch: 4 * cores) { results in
      for result in results {
        switch result {
        case .success(let digests):
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

  /// Whether there is a folder to be read.
  var hasFiles: Bool { !files.isEmpty }

  private static func load(_ file: URL) -> Result<LoadedPhoto, ImageError> {
    Result { () throws(ImageError) in try LoadedPhoto(.file(file)) }
  }

  /// The photo with a digest.
  func photo(_ digest: PhotoDigest, paths: [String]) -> Finding {
    var places = [byDigest[digest]].compactMap { $0 }
    for path in paths {
      places.append(URL(filePath: path))
      places += byName[URL(filePath: path).lastPathComponent] ?? []
    }
    var failure = failure
    for place in places {
      switch Self.load(place) {
      case .success(let photo): if photo.digests.contains(digest) { return .found(photo) }
      case .failure(let error) where error.code == .inaccessible: failure = error.message
      case .failure: break
      }
    }
    return failure.map(Finding.failed) ?? .nowhere
  }
}
