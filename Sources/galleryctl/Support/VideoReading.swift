import Console
import FaceGallery
import Foundation
import Imaging
import Video

/// Videos on a command line: how they are looked at, and how their times are written.
enum VideoReading {
  static let every = ValueOption<Double>(
    "--every", placeholder: "S",
    help:
      "Of a video look at a frame every S seconds (default \(Format.plain(VideoFrames.standardInterval))).",
    in: 0.01...3600)

  /// Starts reading a source.
  static func frames(_ source: VideoSource, _ arguments: Arguments) throws -> VideoFrames {
    try VideoFrames(
      source, every: arguments[every] ?? VideoFrames.standardInterval,
      maximumPixels: arguments.decoder.maximumPixels)
  }

  /// The faces of a video file, followed to its end.
  ///
  /// - Parameter faces: Makes what follows them, for so many seconds between frames.
  /// - Returns: The tracks, and why there may be less than was filmed, a sentence.
  static func tracks(
    of video: URL, _ arguments: Arguments, _ faces: (Double) throws -> VideoFaces
  ) throws -> (tracks: [FaceTrack], damage: String?) {
    let frames = try frames(.file(video.path(percentEncoded: false)), arguments)
    var faces = try faces(frames.every)
    let tracks = try faces.tracks(of: frames)
    return (tracks, frames.damage)
  }

  /// A time in a video for people: 0:07.5, 1:02:03.0.
  static func time(_ seconds: Double) -> String {
    let tenths = Int((max(0, min(seconds, 1e9)) * 10).rounded())
    let (whole, minutes) = (tenths / 10, tenths / 600)
    let rest = twoDigits(whole % 60) + ".\(tenths % 10)"
    return minutes < 60 ? "\(minutes):\(rest)" : "\(minutes / 60):\(twoDigits(minutes % 60)):\(rest)"
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension FaceTrack {
  /// What is around the face where it can be recognised best; nil where no pictures are kept.
  ///
  /// - Throws: `ImageError`.
  func picture() throws -> RGBImage? { try best[0].thumbnail.map { try ImageDecoder().decode($0) } }

  /// From when to when it was seen, for people.
  var times: String { "\(VideoReading.time(from))–\(VideoReading.time(to))" }

  /// The first cells of its row in a table: video, track, from, to, frames.
  func cells(of video: URL) -> [Table.Cell] {
    [
      .init(video.lastPathComponent, value: video.relativePath), .init(String(number)),
      .init(VideoReading.time(from), value: "\(from)"), .init(VideoReading.time(to), value: "\(to)"),
      .init(String(frames)),
    ]
  }
}
