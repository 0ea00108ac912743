internal import FaceGallery
internal import Foundation
internal import HTTPServing

/// A face of a photo, as far as it was asked for.
struct SeenFace {
  let detection: DetectedFace
  /// Nil where it was not asked for.
  let embedding: Embedding?
  /// What it took in milliseconds, by the names of CompreFace's plugins: the face's part of what all faces took.
  let times: [String: Double]
}

/// The faces of a photo, at least one, largest first.
struct SeenFaces {
  let faces: [SeenFace]
  private let file: [String]
  private let engine: any EmbeddingEngine

  /// Those that have an embedding.
  var embeddings: [Embedding] { faces.compactMap(\.embedding) }

  /// Looks for the faces of a photo.
  ///
  /// - Parameters:
  ///   - embedding: Whether they are embedded as well.
  ///   - options: How each of them will be searched for; nil when they are not.
  /// - Throws: ``HTTPFailure`` for a gallery without an engine and a photo without a face, and the gallery's and the engine's errors.
  init(
    in photo: Data, _ query: CompreFaceQuery, _ gallery: Gallery, embedding: Bool = true,
    for options: QueryOptions? = nil
  ) throws {
    guard let engine = gallery.engine else {
      throw HTTPFailure(409, "engine-mismatch", "The server has no engine for photos; send embeddings.")
    }
    let picture = try gallery.decoded(.data(photo, name: nil), for: query.detection)
    var watch = Stopwatch()
    let located = try engine.locate(in: picture, options: query.detection)
    guard !located.isEmpty else { throw Self.noFace }
    if let options {
      try SearchWork(probes: located.count, noun: "faces of the photo (limit)", count: "prediction_count")
        .check(options, in: gallery)
    }
    var times = ["detector": watch.milliseconds / Double(located.count)]
    watch = Stopwatch()
    let embeddings = embedding ? try engine.embed(located) : []
    if embedding { times["calculator"] = watch.milliseconds / Double(located.count) }
    faces = located.indices.map { place in
      SeenFace(
        detection: located[place].detection, embedding: embedding ? embeddings[place] : nil, times: times)
    }
    file = picture.remarks.map(\.message)
    self.engine = engine
  }

  /// What is to be said of the photo's file, of that of a second photo, of the plugins that were asked for, and of what was passed over;
  /// nil when there is nothing.
  func remarks(_ query: CompreFaceQuery, with other: SeenFaces? = nil) -> [String]? {
    let all = faces + (other?.faces ?? [])
    var remarks =
      file + (other?.file ?? []) + CompreFacePlugin.remarks(query.plugins, on: all.map(\.detection))
    if !query.passedOver.isEmpty {
      let names = query.passedOver.prefix(8).map { String($0.prefix(64)) }.joined(separator: ", ")
      remarks.append("Not known here, and passed over: \(names).")
    }
    return remarks.isEmpty ? nil : remarks
  }

  /// What has worked on the faces, by plugin, where that was asked.
  func versions(_ query: CompreFaceQuery) -> [String: String]? {
    guard query.wantsStatus else { return nil }
    var versions = CompreFacePlugin.versions(of: engine)
    if embeddings.isEmpty { versions["calculator"] = nil }
    if !query.plugins.contains(.pose) { versions["pose"] = nil }
    versions["landmarks"] = nil
    return versions
  }

  static let noFace = HTTPFailure(
    400, "no-face", "No face was found in the photo; use one that shows the face from the front.", number: 28)
}

/// How long something takes.
struct Stopwatch {
  private let start = ContinuousClock.now

  /// The milliseconds since it was made, to the thousandth.
  var milliseconds: Double { ((ContinuousClock.now - start) / .microseconds(1)).rounded() / 1e3 }
}
