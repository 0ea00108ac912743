public import FaceEngine
internal import Foundation
public import GalleryStore
internal import Imaging
internal import Support

/// What a gallery says about one face of a video.
public struct TrackAnswer: Sendable {
  /// The face, as it was followed.
  public let track: FaceTrack
  /// Who it is.
  public let answer: Answer
}

extension Gallery {
  /// What finds and follows faces in the frames of a video, by the gallery's engine; see ``VideoFaces``.
  ///
  /// - Throws: ``GalleryError`` with code `engineNeeded`.
  public func videoFaces(
    every: Double, detection: DetectionOptions = DetectionOptions(), keepsPictures: Bool = false
  ) throws(GalleryError) -> VideoFaces {
    VideoFaces(
      engine: try requireEngine(), every: every, detection: detection, keepsPictures: keepsPictures)
  }

  /// Says of each face that was followed through a video who it is, all from the same state of the gallery. To tracks that overlap in time a
  /// name is given once, unless ``QueryOptions/allowsSameNameTwice``: nobody is twice in one place.
  ///
  /// - Returns: An answer a track, in their order; `betterFace` is a place in it.
  /// - Throws: ``GalleryError`` as for an embedding.
  public func query(
    tracks: [FaceTrack], options: QueryOptions = QueryOptions()
  ) throws(GalleryError) -> [TrackAnswer] {
    var answers = try query(tracks.map(\.embedding), options: options)
    if !options.allowsSameNameTwice {
      for places in Self.groups(of: tracks) where places.count > 1 {
        for (place, var answer) in zip(places, Answer.ofOnePhoto(places.map { answers[$0] })) {
          answer.betterFace = answer.betterFace.map { places[$0] }
          answers[place] = answer
        }
      }
    }
    return zip(tracks, answers).map { TrackAnswer(track: $0, answer: $1) }
  }

  /// Places of tracks that overlap in time, directly or by others between them.
  private static func groups(of tracks: [FaceTrack]) -> [[Int]] {
    var groups: [[Int]] = []
    var end = -Double.infinity
    for place in tracks.indices.sorted(by: { (tracks[$0].from, $0) < (tracks[$1].from, $1) }) {
      if tracks[place].from <= end {
        groups[groups.count - 1].append(place)
      } else {
        groups.append([place])
      }
      end = max(end, tracks[place].to)
    }
    return groups
  }

  /// Adds the best face of each track of a video file.
  ///
  /// With a name all tracks have to be of one person, unless `options.severalFaces` says otherwise: ``SeveralFacesPolicy/largest`` takes the
  /// track that was seen in most frames. A face that is there already is skipped: it is known by the file's digest and its time.
  ///
  /// - Parameters:
  ///   - tracks: What ``VideoFaces`` found, with pictures where thumbnails are kept.
  ///   - path: The video's path.
  ///   - damage: Why there may be less than was filmed (`VideoFrames.damage`): then nothing is added, unless `options.allowsDamaged` says so.
  ///   - name: The person's name; nil keeps the faces without a name.
  ///   - options: How faces are chosen and judged.
  /// - Returns: What became of the video, as of one photo.
  /// - Throws: ``GalleryError`` as ``add(_:as:at:options:)``; `storage` or `permissionDenied` when the file cannot be read.
  public func add(
    _ tracks: [FaceTrack], ofVideo path: String, damage: String? = nil, as name: String?,
    options: EnrolmentOptions = EnrolmentOptions()
  ) throws(GalleryError) -> PhotoReport {
    let person: PersonName? = if let name { try PersonName(name) } else { nil }
    func refused(_ refusal: Refusal) -> PhotoReport {
      PhotoReport(photo: path, name: person?.text, person: nil, outcome: .refused(refusal))
    }
    if let damage, !options.allowsDamaged { return refused(.damaged(damage)) }
    guard let first = tracks.first else { return refused(.noFace) }
    let limits = options.quality
    var good = tracks.filter { limits.objection(to: $0.best[0].face.detection.quality) == nil }
    guard !good.isEmpty else {
      return refused(limits.objection(to: first.best[0].face.detection.quality) ?? .noFace)
    }
    if person != nil {
      switch options.severalFaces {
      case .all: break
      case .largest: good = good.max { ($0.frames, $1.number) < ($1.frames, $0.number) }.map { [$0] } ?? []
      case .refuse:
        let people = try people(of: good)
        guard people == 1 else { return refused(.severalPeople(people)) }
      }
    }
    let file = try GalleryError.wrapping { try InputFile.digest(path) }
    let prepared = good.map { track -> Preparation.Outcome in
      let best = track.best[0]
      let time = UInt64(max(0, min(best.time * 1000, 1e15)).rounded())
      let bytes = file + (0..<8).map { UInt8(truncatingIfNeeded: time >> (8 * (7 - $0))) }
      return .ready(
        PreparedPhoto(
          name: person, hasBox: true, digests: PhotoDigests(picture: PhotoDigest(of: bytes)), label: path,
          faces: [best.face], thumbnails: [options.keepThumbnails ? best.thumbnail : nil], tags: options.tags,
          refusesDoubtful: options.refusesDoubtful, remarks: []))
    }
    var report = Self.summary(of: try finish(prepared), path, person)
    if let damage { report.remarks = [.damagedVideo(damage)] }
    return report
  }

  /// How many different people tracks show: each that is unlike all before it counts; without an operating point every track does.
  private func people(of tracks: [FaceTrack]) throws(GalleryError) -> Int {
    let point = try requireEngine().operatingPoint
    guard point.isCalibrated else { return tracks.count }
    let same = point.threshold(falseMatchRate: OperatingPoint.loosestRate)
    var people: [Embedding] = []
    for track in tracks where !people.contains(where: { $0.cosineSimilarity(to: track.embedding) >= same }) {
      people.append(track.embedding)
    }
    return people.count
  }

  private static func summary(of reports: [PhotoReport], _ path: String, _ name: PersonName?) -> PhotoReport {
    var (added, skipped): ([FaceID], [FaceID]) = ([], [])
    var refusal = Refusal.noFace
    for report in reports {
      switch report.outcome {
      case .added(let faces): added += faces
      case .skipped(let faces): skipped += faces
      case .refused(let reason): refusal = reason
      }
    }
    let outcome: PhotoReport.Outcome =
      !added.isEmpty ? .added(added) : !skipped.isEmpty ? .skipped(skipped) : .refused(refusal)
    var report = PhotoReport(
      photo: path, name: name?.text, person: reports.lazy.compactMap(\.person).first, outcome: outcome)
    report.doubts = reports.flatMap(\.doubts)
    return report
  }
}
