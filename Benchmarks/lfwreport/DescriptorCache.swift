import FaceEngine
import Foundation
import Imaging
import Synchronization

/// The raw descriptors of all photos, computed once and kept in two files: `descriptors.f32` (128 little-endian
/// numbers a photo, zeros where there is no face) and `faces.tsv` (what was found, one line a photo).
struct DescriptorCache {
  /// One a photo, nil where no face was found.
  private(set) var descriptors: [[Float]?] = []

  static let dimension = 128

  init(folder: URL, dataset: LFWDataset, engine: FaceEngine) throws {
    let vectors = folder.appending(path: "descriptors.f32")
    if !FileManager.default.fileExists(atPath: vectors.path) {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Self.compute(dataset, engine, vectors: vectors, table: folder.appending(path: "faces.tsv"))
    }
    let data = try Data(contentsOf: vectors)
    guard data.count == dataset.photos.count * Self.dimension * 4 else {
      throw ReportError("\(vectors.path) is of another set of photos: delete it")
    }
    let numbers = data.withUnsafeBytes { bytes in
      (0..<data.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    descriptors = stride(from: 0, to: numbers.count, by: Self.dimension).map { start in
      let vector = Array(numbers[start..<start + Self.dimension])
      return vector.contains { $0 != 0 } ? vector : nil
    }
  }

  private static func compute(_ dataset: LFWDataset, _ engine: FaceEngine, vectors: URL, table: URL) throws {
    let start = ContinuousClock.now
    let results = Mutex<[Int: (vector: [Float], line: String)]>([:])
    DispatchQueue.concurrentPerform(iterations: dataset.photos.count) { index in
      let name = dataset.photos[index].url.lastPathComponent
      let result = face(in: dataset.photos[index].url, engine)
      let done = results.withLock { results in
        results[index] = (
          result?.vector ?? [Float](repeating: 0, count: dimension), "\(name)\t\(result?.line ?? "-")"
        )
        return results.count
      }
      if done % 1_000 == 0 { print("\(done) photos, \(ContinuousClock.now - start)") }
    }
    let ordered = results.withLock { results in (0..<dataset.photos.count).compactMap { results[$0] } }
    var data = Data()
    for item in ordered { item.vector.withUnsafeBytes { data.append(contentsOf: $0) } }
    try Data(ordered.map { $0.line + "\n" }.joined().utf8).write(to: table)
    try data.write(to: vectors)
  }

  /// The face nearest to the middle of the photo: LFW centres the person that it names.
  private static func face(in url: URL, _ engine: FaceEngine) -> (vector: [Float], line: String)? {
    guard let image = try? ImageDecoder().decode(contentsOf: url) else { return nil }
    for upsampling in 0...1 {
      guard let faces = try? engine.detect(in: image, options: DetectionOptions(upsampling: upsampling))
      else {
        return nil
      }
      func offCentre(_ face: DetectedFace) -> Int {
        let x = 2 * face.box.x + face.box.width - image.width
        let y = 2 * face.box.y + face.box.height - image.height
        return x * x + y * y
      }
      guard let face = faces.min(by: { offCentre($0) < offCentre($1) }),
        let chip = try? engine.chip(of: face, in: image), let vector = try? engine.descriptors(of: [chip])
      else { continue }
      let q = face.quality
      return (
        vector,
        "\(upsampling)\t\(faces.count)\t\(q.size)\t\(q.sharpness)\t\(q.yaw)\t\(q.roll)\t\(q.detectorScore)"
      )
    }
    return nil
  }
}
