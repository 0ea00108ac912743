import FaceEngine
import Foundation
import Imaging
import Testing

/// The numbers of dlib's own Python package, made by Scripts/golden/make_golden.py.
private struct Golden: Decodable {
  struct Photo: Decodable, CustomTestStringConvertible {
    var photo: String
    var detector: DetectorKind
    var upsampling: Int
    var faces: [Face]
    var testDescription: String { "\(photo), \(detector.rawValue), upsampling \(upsampling)" }
  }

  struct Face: Decodable {
    var box: [Int]
    var score: Float
    var landmarks: [[Double]]
    var descriptor: [Float]
  }

  var photos: [Photo]

  static func photos(_ detector: DetectorKind) -> [Photo] {
    guard let url = Bundle.module.url(forResource: "dlib", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let golden = try? JSONDecoder().decode(Golden.self, from: data)
    else {
      Issue.record("Golden/dlib.json cannot be read")
      return []
    }
    return golden.photos.filter { $0.detector == detector }
  }
}

@Suite(
  "The engine gives dlib's numbers",
  .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
struct GoldenTests {
  @Test("with the HOG detector", arguments: Golden.photos(.hog))
  fileprivate func hog(golden: Golden.Photo) throws {
    try compare(golden, TestData.engine.get())
  }

  @Test("with the convolutional detector", arguments: Golden.photos(.cnn))
  fileprivate func cnn(golden: Golden.Photo) throws {
    try compare(
      golden,
      FaceEngine(
        EngineConfiguration(weightsDirectory: TestData.weights, detector: .cnn, threads: 1, engine: .resNet)))
  }

  private func compare(_ golden: Golden.Photo, _ engine: FaceEngine) throws {
    let image = try TestData.photo(golden.photo)
    let faces = try engine.detect(in: image, options: DetectionOptions(upsampling: golden.upsampling))
    let expected = golden.faces.sorted { $0.box[2] * $0.box[3] > $1.box[2] * $1.box[3] }
    try #require(faces.count == expected.count)
    for (face, reference) in zip(faces, expected) {
      #expect([face.box.x, face.box.y, face.box.width, face.box.height] == reference.box)
      #expect(abs(face.quality.detectorScore - reference.score) < 1e-3)
      #expect(face.landmarks.map { [$0.x, $0.y] } == reference.landmarks)
      let descriptor = try engine.descriptors(of: [engine.chip(of: face, in: image)])
      let cosine = try Embedding(normalizing: descriptor)
        .cosineSimilarity(to: Embedding(normalizing: reference.descriptor))
      #expect(cosine >= 0.9999)
      let largest = zip(descriptor, reference.descriptor).map { abs($0 - $1) }.max() ?? .infinity
      #expect(largest < 1e-3, "a component differs by \(largest)")
    }
  }
}
