internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// Finds photos again that were added before: where they were, by name in a folder, or by digest in a folder.
struct PhotoLocator: Sendable {
  private let files: [URL]
  private let byName: [String: [URL]]
  private var byDigest: [PhotoDigest: URL] = [:]

  /// - Throws: ``GalleryError`` with code `invalidArgument` for a folder that cannot be read.
  init(_ folder: URL?) throws(GalleryError) {
    files =
      if let folder {
        try DatasetFolder(folder).photos.compactMap { if case .file(let url) = $0.photo { url } else { nil } }
      } else { [] }
    byName = Dictionary(grouping: files, by: \.lastPathComponent)
  }

  /// Reads every file of the folder, so that photos are found by what is in them.
  mutating func readAll(progress: (Int, Int) -> Void) {
    let files = files
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: files.count, window: 8 * cores) { index in
      try? LoadedPhoto(.file(files[index])).digests
    }
    var done = 0
    pipeline.run(threads: cores, maximumBatch: 4 * cores) { results in
      for digests in results {
        if let digests {
          byDigest[digests.picture] = files[done]
          if let file = digests.file { byDigest[file] = files[done] }
        }
        done += 1
      }
      progress(done, files.count)
    }
  }

  /// Whether there is a folder to be read.
  var hasFiles: Bool { !files.isEmpty }

  /// The photo with a digest; nil where it has not been found.
  func photo(_ digest: PhotoDigest, paths: [String]) -> LoadedPhoto? {
    var places = [byDigest[digest]].compactMap { $0 }
    for path in paths {
      places.append(URL(filePath: path))
      places += byName[URL(filePath: path).lastPathComponent] ?? []
    }
    for place in places {
      if let photo = try? LoadedPhoto(.file(place)), photo.digests.contains(digest) { return photo }
    }
    return nil
  }
}
