import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support
import Video

/// Does a command's work on each of the photos and videos that it names.
///
/// A photo that cannot be used, or a word that names none, is reported on standard error and does not stop the others.
struct PhotoLoop {
  /// What came of one photo or video: its faces, its tracks, or the reason why there are none.
  struct Result<Face, Track> {
    /// The photo's or video's place, or the word that names none.
    let photo: URL
    let isVideo: Bool
    /// The faces of a photo.
    var value: [Face]?
    /// The tracks of a video.
    var tracks: [Track]?
    var failure: String?
    /// What is to be said of its file though its picture was read.
    var remarks: [String] = []

    var isUnusable: Bool { failure != nil }
  }

  private let items: [PhotoOperands.Item]
  private let progress: ProgressBar

  /// A loop over the photos named by a command line; what was left out of folders is told on standard error.
  init(_ operands: PhotoOperands, _ arguments: Arguments, title: String) {
    items = operands.items
    progress = ProgressBar(title, total: items.count, unit: "photos", enabled: arguments.showsProgress)
    Terminal.note(LeftOut(operands.omissions, arguments).text)
  }

  /// Calls `body` with each photo and its place, and `video` with each video's, in order; they add what is to be said of the file, which
  /// goes to standard error.
  ///
  /// - Parameter each: Called with every result as it comes.
  /// - Throws: what `body` and `video` throw, except errors that lie in the photo or video, and what `each` throws.
  func run<Face, Track>(
    _ body: (Photo, URL, inout [String]) throws -> [Face],
    video: (URL, inout [String]) throws -> [Track],
    each: ((Result<Face, Track>) throws -> Void)? = nil
  ) throws -> [Result<Face, Track>] {
    var results: [Result<Face, Track>] = []
    func refuse(_ place: URL, _ sentence: String, named: Bool, isVideo: Bool = false) {
      progress.finish()
      Terminal.note("error: \(named ? "" : PhotoInput.shown(place.relativePath) + ": ")\(sentence)\n")
      results.append(Result(photo: place, isVideo: isVideo, failure: sentence))
    }
    func perform(_ place: URL, isVideo: Bool, _ work: (inout Result<Face, Track>) throws -> Void) throws {
      do {
        var result = Result<Face, Track>(photo: place, isVideo: isVideo)
        try work(&result)
        if !result.remarks.isEmpty { progress.finish() }
        for remark in result.remarks {
          Terminal.warn("\(PhotoInput.shown(place.relativePath)): \(remark)")
        }
        results.append(result)
      } catch  where ErrorReport(error).exitCode == .badInput {
        let sentence = error is VideoError ? ErrorReport(error).sentence : "\(error)"
        refuse(
          place, sentence, named: sentence.contains(place.path(percentEncoded: false)), isVideo: isVideo)
      }
    }
    for (index, item) in items.enumerated() {
      switch item {
      case .problem(let word, let sentence): refuse(URL(typed: word), sentence, named: true)
      case .photo(let photo):
        try perform(photo.place, isVideo: false) {
          $0.value = try body(photo.photo, photo.place, &$0.remarks)
        }
      case .video(let named):
        try perform(named.url, isVideo: true) { $0.tracks = try video(named.url, &$0.remarks) }
      }
      if let each {
        progress.finish()
        try each(results[index])
      }
      progress.update(index + 1)
    }
    progress.finish()
    return results
  }
}

extension PhotoLoop.Result {
  /// What `--json` says of the photo or video.
  ///
  /// - Parameters:
  ///   - face: What it says of a face.
  ///   - track: What it says of a track.
  func record<FaceRecord>(
    _ face: (Face) -> FaceRecord, track: (Track) -> TrackRecord
  ) -> ItemRecord<FaceRecord> {
    isVideo
      ? .video(
        VideoRecord(
          video: photo.relativePath, tracks: tracks?.map(track), error: failure, remarks: remarks))
      : .photo(
        PhotoRecord(
          photo: photo.relativePath, faces: value?.map(face), error: failure, remarks: remarks))
  }
}
