import FaceEngine
import Foundation
import Testing

@Suite("Embeddings and thresholds")
struct EmbeddingTests {
  @Test("Similarity and squared distance are those of unit vectors")
  func measures() throws {
    let a = try Embedding(normalizing: [3, 4])
    let b = try Embedding(normalizing: [-4, 3])
    #expect(a.values == [0.6, 0.8])
    #expect(a.cosineSimilarity(to: a) == 1)
    #expect(abs(a.cosineSimilarity(to: b)) < 1e-7)
    #expect(abs(a.squaredDistance(to: b) - 2) < 1e-6)
    #expect(a.squaredDistance(to: a) == 0)
    #expect(try abs(a.cosineSimilarity(to: Embedding(normalizing: [-3, -4])) + 1) < 1e-6)
  }

  @Test("Very long and very short vectors are normalized", arguments: [Float(1e30), 1e-30, 1])
  func scales(scale: Float) throws {
    let embedding = try Embedding(normalizing: [scale, -scale])
    #expect(abs(embedding.values[0] - 0.70710678) < 1e-6 && abs(embedding.values[1] + 0.70710678) < 1e-6)
  }

  @Test(
    "Vectors without direction are refused",
    arguments: [[], [0, 0], [.nan, 1], [.infinity, 1]] as [[Float]])
  func refused(vector: [Float]) {
    #expect(throws: EngineError.self) { try Embedding(normalizing: vector) }
  }

  private let point = OperatingPoint(
    points: [.init(falseMatchRate: 1e-2, threshold: 0.5), .init(falseMatchRate: 1e-4, threshold: 0.7)],
    slope: 10, offset: -5)

  @Test("Thresholds are interpolated over the logarithm of the rate, and go on as in the last decade")
  func thresholds() {
    #expect(point.threshold(falseMatchRate: 1e-2) == 0.5)
    #expect(abs(point.threshold(falseMatchRate: 1e-3) - 0.6) < 1e-6)
    #expect(point.threshold(falseMatchRate: 0.3) == 0.5)
    #expect(abs(point.threshold(falseMatchRate: 1e-5) - 0.8) < 1e-6)
    #expect(point.threshold(falseMatchRate: 1e-9) == 1)
    #expect(abs(point.falseMatchRate(threshold: 0.6) - 1e-3) < 1e-8)
    #expect(point.falseMatchRate(threshold: 0.1) == 1e-2)
    #expect(abs(point.falseMatchRate(threshold: 0.9) / 1e-6 - 1) < 1e-4)
    let single = OperatingPoint(
      points: [.init(falseMatchRate: 1e-2, threshold: 0.5)], slope: 10, offset: -5)
    #expect(single.threshold(falseMatchRate: 1e-6) == 0.5 && single.falseMatchRate(threshold: 0.9) == 1e-2)
  }

  @Test("The threshold rises with the gallery, so that strangers stay as rarely named")
  func gallerySizes() {
    #expect(abs(point.threshold(faces: 1) - 0.6) < 1e-6)
    #expect(abs(point.threshold(faces: 10) - 0.6) < 1e-3)
    #expect(abs(point.threshold(faces: 100) - 0.7) < 1e-3)
    let sizes = [0, 1, 5, 20, 50, 100, 10_000, .max].map { point.threshold(faces: $0) }
    #expect(sizes == sizes.sorted())
    #expect(point.threshold(faces: 100, falsePositiveIdentificationRate: 0.1) < point.threshold(faces: 100))
  }

  @Test("People who are judged by several faces have a floor, which older operating points lack")
  func floors() throws {
    #expect(point.floor(faces: 5) == nil)
    let measured = OperatingPoint(
      points: point.points, slope: 10, offset: -5, nearDuplicate: 0.9, floors: [0.6, 0.7],
      certainties: [0.5, 0.65, 0.75])
    #expect([0, 1, 2, 3, 4, 9].map { measured.floor(faces: $0) } == [nil, nil, 0.6, 0.7, 0.7, 0.7])
    #expect([0, 1, 2, 3, 9].map { measured.certainty(faces: $0) } == [nil, 0.5, 0.65, 0.75, 0.75])
    let encoded = try JSONEncoder().encode(measured)
    #expect(try JSONDecoder().decode(OperatingPoint.self, from: encoded) == measured)
    let old = Data(
      #"{"points": [{"falseMatchRate": 0.01, "threshold": 0.5}], "slope": 10, "offset": -5}"#.utf8)
    let read = try JSONDecoder().decode(OperatingPoint.self, from: old)
    #expect(read.floors.isEmpty && read.certainties.isEmpty && read.nearDuplicate == nil)
    #expect(read.certainty(faces: 3) == nil)
    #expect(abs(try #require(read.margin) - 0.29957) < 1e-4)
    #expect(OperatingPoint.uncalibrated.margin == nil)
    let wrong = Data(
      #"{"points": [{"falseMatchRate": 0.01, "threshold": 0.5}], "slope": 10, "offset": -5, "floors": [3]}"#
        .utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(OperatingPoint.self, from: wrong) }
  }

  @Test("The neighbour rate is a share, which older operating points lack")
  func neighborRate() throws {
    let measured = OperatingPoint(points: point.points, slope: 10, offset: -5, falseNeighborRate: 0.05)
    let encoded = try JSONEncoder().encode(measured)
    #expect(try JSONDecoder().decode(OperatingPoint.self, from: encoded) == measured && measured != point)
    func read(_ more: String) throws -> Double {
      let text = #"{"points": [], "slope": 10, "offset": -5"# + more + "}"
      return try JSONDecoder().decode(OperatingPoint.self, from: Data(text.utf8)).falseNeighborRate
    }
    #expect(try read("") == OperatingPoint.standardFalseNeighborRate)
    #expect(try read(#", "falseNeighborRate": 0.2"#) == 0.2)
    for wrong in ["0", "1", "-0.1", "\"a\""] {
      #expect(throws: DecodingError.self) { try read(#", "falseNeighborRate": "# + wrong) }
    }
  }

  @Test("Evidence is that of the number of faces, and older operating points are judged by the threshold")
  func evidence() throws {
    let measured = OperatingPoint(
      points: point.points, slope: 10, offset: -5,
      evidence: [.init(slope: 30, offset: -12), .init(slope: 40, offset: -20)])
    #expect([0, 1, 2, 3, 9].map { measured.evidence(faces: $0)?.slope } == [nil, 30, 40, 40, 40])
    let encoded = try JSONEncoder().encode(measured)
    #expect(try JSONDecoder().decode(OperatingPoint.self, from: encoded) == measured && measured != point)
    // Thresholds and margins stay as they are.
    #expect(measured.margin == point.margin)
    #expect(measured.threshold(faces: 500) == point.threshold(faces: 500))
    func odds(_ point: OperatingPoint, _ similarity: Float, faces: Int = 1, people: Int = 1) throws -> Double
    {
      try #require(point.logOdds(similarity: similarity, faces: faces, people: people, threshold: 0.75))
    }
    #expect(try odds(measured, 0.5) == 3 && odds(measured, 0.5, people: 0) == 3)
    #expect(try abs(odds(measured, 0.5, people: 1_000) - (3 - log(1_000))) < 1e-12)
    #expect(try odds(measured, 0.5, faces: 5) == 0)
    // What a program of an earlier version has stored.
    let text = #"{"points": [{"falseMatchRate": 0.01, "threshold": 0.5}], "slope": 10, "offset": -5"#
    let old = try JSONDecoder().decode(OperatingPoint.self, from: Data((text + "}").utf8))
    #expect(old.evidence.isEmpty && old.evidence(faces: 1) == nil)
    #expect(try odds(old, 0.75, people: 1_000) == 0 && odds(old, 0.5, people: 7) == -2.5)
    #expect(OperatingPoint.uncalibrated.logOdds(similarity: 1, faces: 1, people: 1, threshold: 0) == nil)
    for wrong in [#"[{"slope": 0, "offset": 1}]"#, #"[{"slope": -3, "offset": 1}]"#, #"[{"slope": 3}]"#, "3"]
    {
      let text = text + #", "evidence": "# + wrong + "}"
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(OperatingPoint.self, from: Data(text.utf8))
      }
    }
  }

  @Test("Confidence is a probability that grows with the similarity")
  func confidence() {
    #expect(point.confidence(similarity: 0.5) == 0.5)
    #expect(point.confidence(similarity: 1) > 0.99 && point.confidence(similarity: 1) < 1)
    #expect(point.confidence(similarity: -1) < 1e-6)
  }

  @Test("The probability is half exactly at the threshold, and rises with the similarity")
  func probability() throws {
    for threshold in [-1, 0, point.threshold(faces: 1), point.threshold(faces: 1_000_000), 1] as [Float] {
      var last = 0.0
      for step in -1000...1000 {
        let similarity = Float(step) / 1000
        let value = try #require(point.probability(similarity: similarity, threshold: threshold))
        #expect((value >= 0.5) == (similarity >= threshold) && value >= last && value <= 1)
        last = value
      }
      let below = try #require(point.probability(similarity: threshold.nextDown, threshold: threshold))
      #expect(below < 0.5)
      #expect(point.probability(similarity: threshold, threshold: threshold) == 0.5)
    }
    #expect(OperatingPoint.uncalibrated.probability(similarity: 1, threshold: 0) == nil)
    let falling = OperatingPoint(points: point.points, slope: -3, offset: 0)
    #expect(falling.probability(similarity: 1, threshold: 0) == nil)
  }

  @Test("A rectangle is cut to the picture, or is outside of it")
  func rectangles() {
    let rect = PixelRect(x: -5, y: 90, width: 20, height: 20)
    #expect(rect.clamped(toWidth: 100, height: 100) == PixelRect(x: 0, y: 90, width: 15, height: 10))
    #expect(rect.clamped(toWidth: 100, height: 90) == nil)
  }

  @Test("Fingerprints differ in their digest when they differ at all")
  func fingerprints() {
    let fingerprint = EngineFingerprint(
      alignment: "a", weightsDigest: "w", preprocessing: "p", normalization: "n",
      dimension: 128)
    var other = fingerprint
    other.normalization = "m"
    #expect(fingerprint.digest.count == 64)
    for word in ["resnet", "sface@flip", "sface+resnet@bf16@flip", "vgg16:FILE", "onnx@flip:FILE", "plain"] {
      let choice = EngineSpecification(word)
      var named = fingerprint
      (named.network, named.precision) = (choice?.name ?? "", choice?.precision ?? .float32)
      named.augmentation = choice?.augmentation ?? .none
      #expect(named.word == word && named.differences(from: fingerprint).isEmpty)
    }
    #expect(fingerprint.digest != other.digest)
  }
}
