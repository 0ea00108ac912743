import FaceEngine
import FaceGallery
import Testing

@Suite("Faces that are followed through a video")
struct FaceTrackerTests {
  /// Embeddings of three people: orthogonal, with some noise of their own from frame to frame.
  private static func embedding(_ person: Int, noise: Float = 0, at frame: Int = 0) throws -> Embedding {
    var values = [Float](repeating: 0, count: 16)
    values[person] = 1
    values[8 + frame % 8] = noise
    return try Embedding(normalizing: values)
  }

  /// A face of a person at a column.
  private static func face(
    _ person: Int, x: Int, time: Double, noise: Float = 0, sharpness: Float = 0.3, size: Int = 100
  ) throws -> FaceTrack.Sighting {
    let quality = FaceQuality(size: size, sharpness: sharpness, yaw: 0, roll: 0, detectorScore: 1)
    let detection = DetectedFace(
      box: PixelRect(x: x, y: 50, width: 100, height: 100), landmarks: [], quality: quality)
    return .init(
      time: time,
      face: Face(detection: detection, embedding: try embedding(person, noise: noise, at: Int(time * 2))))
  }

  private static let options = FaceTracker.Options(sameSimilarity: 0.4)

  /// The tracks of frames half a second apart, each a list of people with their columns.
  private static func tracks(
    _ frames: [[(person: Int, x: Int)]], _ options: FaceTracker.Options = options, noise: Float = 0.5
  ) throws -> [FaceTrack] {
    var tracker = FaceTracker(options)
    var tracks: [FaceTrack] = []
    for (place, frame) in frames.enumerated() {
      let time = Double(place) / 2
      let faces = try frame.map { try face($0.person, x: $0.x, time: time, noise: noise) }
      tracks += tracker.add(faces, at: time)
    }
    return (tracks + tracker.finish()).sorted { $0.number < $1.number }
  }

  /// The person whom a track is nearest to, and only if all of its kept faces are.
  private static func person(_ track: FaceTrack) throws -> Int? {
    let people = try track.best.map { sighting in
      try (0..<3).first { try sighting.face.embedding.cosineSimilarity(to: embedding($0)) > 0.7 }
    }
    return Set(people).count == 1 ? people[0] : nil
  }

  @Test("a face that moves is one track, with times and the number of frames")
  func one() throws {
    let tracks = try Self.tracks((0..<10).map { [(0, $0 * 40)] })
    #expect(tracks.count == 1)
    #expect(tracks[0].number == 1 && tracks[0].from == 0 && tracks[0].to == 4.5 && tracks[0].frames == 10)
    #expect(tracks[0].best.count == 5)
  }

  @Test("two people who cross keep their tracks")
  func crossing() throws {
    let tracks = try Self.tracks((0..<11).map { [(0, $0 * 50), (1, 500 - $0 * 50)] })
    #expect(try tracks.map(Self.person) == [0, 1])
    #expect(tracks.map(\.frames) == [11, 11])
  }

  @Test("two people who change places keep their tracks")
  func swap() throws {
    let tracks = try Self.tracks([[(0, 0), (1, 300)], [(0, 0), (1, 300)], [(1, 0), (0, 300)]])
    #expect(try tracks.map(Self.person) == [0, 1])
    #expect(tracks.map(\.frames) == [3, 3])
  }

  @Test("after a cut somebody else in the same place is a new track")
  func cut() throws {
    let tracks = try Self.tracks([[(0, 0)], [(0, 0)], [(1, 0)], [(1, 0)]])
    #expect(try tracks.map(Self.person) == [0, 1])
    #expect(tracks.map(\.from) == [0, 1] && tracks.map(\.to) == [0.5, 1.5])
  }

  @Test("a face that is hidden for a moment goes on, one that comes back later begins anew")
  func gaps() throws {
    let short = try Self.tracks([[(0, 0)], [], [], [], [(0, 200)]])
    #expect(short.count == 1 && short[0].to == 2 && short[0].frames == 2)
    let long = try Self.tracks([[(0, 0)], [], [], [], [], [(0, 0)]])
    #expect(long.map(\.from) == [0, 2.5] && long.map(\.number) == [1, 2])
  }

  @Test("a track ends while the video goes on")
  func ends() throws {
    var tracker = FaceTracker(Self.options)
    #expect(tracker.add([try Self.face(0, x: 0, time: 0)], at: 0).isEmpty)
    #expect(tracker.add([], at: 2).isEmpty && tracker.tracks.count == 1)
    #expect(tracker.add([], at: 2.5).map(\.number) == [1])
    #expect(tracker.tracks.isEmpty && tracker.finish().isEmpty)
  }

  @Test("a doubtful likeness goes on in its place, and nowhere else")
  func doubtful() throws {
    func faces(_ x: Int) throws -> [FaceTrack] {
      var tracker = FaceTracker(Self.options)
      _ = tracker.add([try Self.face(0, x: 0, time: 0, noise: 0)], at: 0)
      // Its cosine similarity to the first is 0.27.
      _ = tracker.add([try Self.face(0, x: x, time: 0.5, noise: 3.5)], at: 0.5)
      return tracker.finish()
    }
    #expect(try faces(20).map(\.frames) == [2])
    #expect(try faces(500).map(\.frames) == [1, 1])
  }

  @Test("without a known similarity faces are followed by their places")
  func places() throws {
    let frames = [[(0, 0), (1, 300)], [(1, 20), (0, 320)]].map { $0.map { (person: $0.0, x: $0.1) } }
    let tracks = try Self.tracks(frames, .init(sameSimilarity: nil))
    #expect(tracks.map(\.frames) == [2, 2])
    #expect(try tracks.map(Self.person) == [nil, nil])
  }

  @Test("a track keeps its best faces, the best first, and their mean")
  func best() throws {
    var tracker = FaceTracker(.init(keptFaces: 3, sameSimilarity: 0.4))
    for (place, sharpness) in [0.1, 0.25, 0.05, 0.2, 0.02, 0.15].enumerated() {
      let time = Double(place) / 2
      _ = tracker.add(
        [try Self.face(0, x: 0, time: time, noise: 0.5, sharpness: Float(sharpness))], at: time)
    }
    let track = try #require(tracker.finish().first)
    #expect(track.best.map(\.time) == [0.5, 1.5, 2.5] && track.frames == 6)
    // The noise of the three is each in a direction of its own.
    let mean = track.embedding.cosineSimilarity(to: try Self.embedding(0))
    let single = track.best[0].face.embedding.cosineSimilarity(to: try Self.embedding(0))
    #expect(mean > single + 0.05)
    #expect(abs(track.embedding.cosineSimilarity(to: track.embedding) - 1) < 1e-5)
  }
}
