public import FaceEngine
internal import Foundation

/// A face as it was followed through a video, from where it was seen first to where it was seen last.
public struct FaceTrack: Sendable {
  /// The face in one frame.
  public struct Sighting: Sendable {
    /// Seconds from the beginning of the video.
    public let time: Double
    /// The face, in pixels of the frame.
    public let face: Face
    /// What is around the face, at most 320 pixels a side, a JPEG file; nil where no pictures are kept.
    public internal(set) var thumbnail: [UInt8]?

    /// A sighting by its parts.
    public init(time: Double, face: Face, thumbnail: [UInt8]? = nil) {
      (self.time, self.face, self.thumbnail) = (time, face, thumbnail)
    }

    /// How well the face can be recognised, 0…1, for comparison within a track: small, blurred and turned ones have less.
    var quality: Float {
      let quality = face.detection.quality
      let size = min(Float(quality.size) / 112, 1)
      let sharpness = min(max(quality.sharpness, 0) / 0.3, 1)
      return size * sharpness * max(cos(quality.yaw * .pi / 180), 0.1)
    }
  }

  /// Counts the tracks of a video from 1, in the order in which they begin.
  public let number: Int
  /// Seconds from the beginning of the video at which the face was seen first.
  public let from: Double
  /// Seconds at which it was seen last.
  public private(set) var to: Double
  /// In how many of the frames that were looked at it was seen.
  public private(set) var frames = 1
  /// The sightings in which it can be recognised best, the best first: at least one, and no more than
  /// ``FaceTracker/Options/keptFaces``.
  public private(set) var best: [Sighting]
  /// The mean of the best sightings' embeddings, at unit length.
  ///
  /// The engine's operating point holds for it as for an embedding of one photo. To somebody unrelated, whose direction has nothing to do
  /// with the face's, a mean at unit length is as near as any single face, so strangers reach a threshold as often; the person, whose
  /// direction the sightings share, is nearer to it than to most of them.
  public private(set) var embedding: Embedding

  /// Where the face was seen last.
  var last: Face

  init(_ sighting: Sighting, number: Int) {
    self.number = number
    (from, to) = (sighting.time, sighting.time)
    (last, embedding) = (sighting.face, sighting.face.embedding)
    best = [sighting]
  }

  /// Takes one more sighting.
  mutating func add(_ sighting: Sighting, keeping most: Int) {
    frames += 1
    (to, last) = (sighting.time, sighting.face)
    guard best.count < most || sighting.quality > best[best.count - 1].quality else { return }
    // Of equally good ones the first stays before the others.
    let place = best.firstIndex { $0.quality < sighting.quality } ?? best.count
    best.insert(sighting, at: place)
    if best.count > most { best.removeLast() }
    var sum = [Float](repeating: 0, count: embedding.dimension)
    for sighting in best {
      for (place, value) in sighting.face.embedding.values.enumerated() { sum[place] += value }
    }
    // Opposite faces leave no direction; then the best one stands for all.
    embedding = (try? Embedding(normalizing: sum)) ?? best[0].face.embedding
  }

  /// The track when it has ended: of the pictures only the best is wanted.
  func ended() -> FaceTrack {
    var track = self
    for place in best.indices.dropFirst() { track.best[place].thumbnail = nil }
    return track
  }

  /// Cosine similarity of a face: to where it was seen last or to all of it, whichever is more.
  func similarity(of face: Face) -> Float {
    max(
      embedding.cosineSimilarity(to: face.embedding),
      last.embedding.cosineSimilarity(to: face.embedding))
  }
}
