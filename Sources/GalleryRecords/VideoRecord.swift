public import FaceGallery

/// What was found in a video, in JSON.
public struct VideoRecord: Encodable, Sendable {
  /// The video as it was called.
  public let video: String
  /// The faces that were followed, in the order in which they appear; absent when the video cannot be used.
  public let tracks: [TrackRecord]?
  /// Why the video cannot be used.
  public let error: String?
  /// What is to be said of its file though frames were read; absent when there is nothing.
  public let remarks: [String]?

  /// The record of a video.
  public init(video: String, tracks: [TrackRecord]?, error: String? = nil, remarks: [String]) {
    self.video = video
    self.tracks = tracks
    self.error = error
    self.remarks = remarks.isEmpty ? nil : remarks
  }
}

/// A face that was followed through a video, in JSON.
public struct TrackRecord: Encodable, Sendable {
  /// Counts the tracks of the video from 1.
  public let track: Int
  /// Seconds from the beginning at which the face was seen first.
  public let from: Double
  /// Seconds at which it was seen last.
  public let to: Double
  /// In how many of the frames that were looked at it was seen.
  public let frames: Int
  /// Seconds at which it can be recognised best.
  public let time: Double
  /// Where it is then, and how good.
  public let detection: DetectedFace
  /// Who it is; absent where nobody asked.
  public let answer: AnswerRecord?

  /// The record of a track.
  public init(_ track: FaceTrack, answer: Answer? = nil) {
    self.track = track.number
    (from, to, frames) = (track.from, track.to, track.frames)
    (time, detection) = (track.best[0].time, track.best[0].face.detection)
    self.answer = answer.map { AnswerRecord($0) }
  }
}

/// What was found in a photo or a video, in JSON: either record as it is.
public enum ItemRecord<Face: Encodable & Sendable>: Encodable, Sendable {
  /// A photo.
  case photo(PhotoRecord<Face>)
  /// A video.
  case video(VideoRecord)

  /// Writes the record.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .photo(let record): try record.encode(to: encoder)
    case .video(let record): try record.encode(to: encoder)
    }
  }
}

/// That somebody came or left before a camera, in JSON.
public struct WatchRecord: Encodable, Sendable {
  /// What happened.
  public enum Event: String, Encodable, Sendable {
    /// Somebody is there.
    case came
    /// Somebody who was unknown is known now.
    case recognised
    /// Somebody is there no more.
    case left
  }

  /// What happened.
  public let event: Event
  /// When, in UTC; absent for a file.
  public let at: String?
  /// Seconds from the beginning of the video, or of the connection.
  public let seconds: Double
  /// Whether it is one person of the gallery.
  public let known: Bool
  /// The name, when known.
  public let name: String?
  /// Who it may be: one name when known, one or more when ambiguous, none when unknown.
  public let names: [String]

  /// The record of an event.
  public init(_ event: Event, at: String?, seconds: Double, verdict: Verdict) {
    (self.event, self.at, self.seconds) = (event, at, seconds)
    (known, names) = (verdict.isKnown, verdict.names)
    name = verdict.isKnown ? verdict.names.first : nil
  }
}
