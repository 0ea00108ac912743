internal import FaceEngine
internal import Foundation
internal import Imaging
internal import Support

/// The descriptors of a data set's photos in one file, named by engine, averaging, limits of decoding and photos, so that
/// others' are never taken for them.
struct EmbeddingCache {
  private let url: URL
  private let photos: Int
  private let dimension: Int

  init(
    _ folder: URL, dataset: PersonPhotos, engine: FaceEngine, averaging: FaceAveraging, decoder: ImageDecoder
  ) {
    // All that decides which pixels the embeddings are of.
    var identity = "\(engine.fingerprint)\n\(engine.detector.rawValue)\n\(averaging.rawValue)\n"
    identity +=
      "\(decoder.maximumPixels) \(decoder.maximumFileSize) \(decoder.wholePixels) \(decoder.allowsDamage) "
      + "\(decoder.appliesOrientation)\n"
    for photo in dataset.photos {
      let file = InputFile.status(of: photo.url.path(percentEncoded: false))
      identity +=
        "\(dataset.people[photo.person])/\(photo.url.lastPathComponent) \(file?.size ?? 0) \(file?.modified ?? 0)\n"
    }
    let key = SHA256.hexadecimal(of: Array(identity.utf8)).prefix(32)
    url = folder.appending(path: "embeddings-\(key).f32")
    photos = dataset.photos.count
    dimension = engine.fingerprint.dimension
  }

  /// What was kept; nil when there is none.
  func read() throws(EvaluationError) -> [[Float]?]? {
    guard let data = try? InputFile.read(url.path(percentEncoded: false)) else { return nil }
    guard data.count == photos * dimension * 4 else {
      throw EvaluationError(.foreignFile, "\(url.path) is damaged; delete it to embed the photos anew.")
    }
    return data.withUnsafeBytes { bytes in
      (0..<photos).map { photo in
        let row = (0..<dimension).map {
          bytes.loadUnaligned(fromByteOffset: (photo * dimension + $0) * 4, as: Float.self)
        }
        return row.contains { $0 != 0 } ? row : nil
      }
    }
  }

  func write(_ descriptors: [[Float]?]) throws(EvaluationError) {
    var data = Data()
    let nothing = [Float](repeating: 0, count: dimension)
    for row in descriptors { (row ?? nothing).withUnsafeBytes { data.append(contentsOf: $0) } }
    do throws(SystemError) {
      try Folder.make(url.deletingLastPathComponent().path(percentEncoded: false))
      try ReplacementFile.write(data, to: url.path(percentEncoded: false))
    } catch {
      throw EvaluationError(.inaccessible, error.description)
    }
  }
}
