internal import FaceEngine

/// Follows faces from frame to frame: which face of a frame is one that was there before.
///
/// A face goes on with the track whose person it resembles, wherever in the frame it is, or, where it may well be the same person, with
/// the one whose place it has. Of several ways the most similar pair is taken first. So two people who cross or change places keep
/// their tracks, and whoever appears in another's place after a cut gets a new one. Who has not been seen for
/// ``Options/gap`` seconds has gone, and begins a new track when they return.
public struct FaceTracker: Sendable {
  /// How faces are followed.
  public struct Options: Sendable, Hashable {
    /// Seconds for which a face may be hidden and still go on.
    public var gap: Double
    /// How many of its best sightings a track keeps, at least 1.
    public var keptFaces: Int
    /// The cosine similarity from which two faces are one person's wherever they are; below half of it they never are. Nil follows faces by
    /// their places alone.
    public var sameSimilarity: Float?
    /// Shared area over the area of both, from which a face has the place of another, 0…1.
    public var leastOverlap: Double

    /// Options; the similarity is that of an engine's operating point.
    public init(gap: Double = 2, keptFaces: Int = 5, sameSimilarity: Float?, leastOverlap: Double = 0.3) {
      self.gap = gap
      self.keptFaces = max(keptFaces, 1)
      self.sameSimilarity = sameSimilarity
      self.leastOverlap = leastOverlap
    }
  }

  /// How faces are followed.
  public let options: Options
  /// The tracks that have not ended, in the order in which they began.
  public private(set) var tracks: [FaceTrack] = []
  private var count = 0

  /// A tracker that has seen nothing.
  public init(_ options: Options) { self.options = options }

  /// Takes the faces of the next frame.
  ///
  /// - Parameters:
  ///   - faces: The frame's faces, in any order.
  ///   - time: Seconds from the beginning, not before that of the frame before.
  /// - Returns: The tracks that have ended by now.
  /// - Complexity: O(*t* · *f*) comparisons for *t* tracks and *f* faces.
  public mutating func add(_ faces: [FaceTrack.Sighting], at time: Double) -> [FaceTrack] {
    let ended = tracks.filter { time - $0.to > options.gap }
    tracks.removeAll { time - $0.to > options.gap }
    var pairs: [(track: Int, face: Int, score: Double)] = []
    for (place, track) in tracks.enumerated() {
      for (index, sighting) in faces.enumerated() {
        if let score = score(of: sighting.face, in: track) { pairs.append((place, index, score)) }
      }
    }
    pairs.sort { ($0.score, $1.track, $1.face) > ($1.score, $0.track, $0.face) }
    var (takenTracks, takenFaces): (Set<Int>, Set<Int>) = ([], [])
    for pair in pairs where !takenTracks.contains(pair.track) && !takenFaces.contains(pair.face) {
      takenTracks.insert(pair.track)
      takenFaces.insert(pair.face)
      tracks[pair.track].add(faces[pair.face], keeping: options.keptFaces)
    }
    for (index, sighting) in faces.enumerated() where !takenFaces.contains(index) {
      count += 1
      tracks.append(FaceTrack(sighting, number: count))
    }
    return ended.map { $0.ended() }
  }

  /// Ends all tracks, in the order in which they began.
  public mutating func finish() -> [FaceTrack] {
    defer { tracks = [] }
    return tracks.map { $0.ended() }
  }

  /// How well a face goes on a track; nil when it cannot.
  private func score(of face: Face, in track: FaceTrack) -> Double? {
    let overlap = track.last.detection.box.overlap(with: face.detection.box)
    let hasPlace = overlap >= options.leastOverlap
    guard let same = options.sameSimilarity, track.last.embedding.dimension == face.embedding.dimension else {
      return hasPlace ? overlap : nil
    }
    let similarity = track.similarity(of: face)
    if similarity >= same { return 1 + Double(similarity) + overlap }
    return hasPlace && similarity >= same / 2 ? Double(similarity) + overlap : nil
  }
}
