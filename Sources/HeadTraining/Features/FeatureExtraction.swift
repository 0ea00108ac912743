internal import FaceEngine
internal import FaceEvaluation
internal import Foundation
internal import Imaging
internal import Support

/// Runs photos through a backbone, or finds what was kept of them.
struct FeatureExtraction: Sendable {
  /// What became of a photo.
  struct Outcome {
    /// SHA-256 of the photo's bytes; nil without a face.
    var digest: [UInt8]?
    var isUnreadable = false
    var computed = 0
    var reused = 0
  }

  private let engine: FaceEngine
  private let decoder: ImageDecoder
  private let variants: Int
  private let inputs: Int
  private let faces: RecordFile
  private let maps: RecordFile

  init(_ backbone: Backbone, variants: Int, cache: URL, decoder: ImageDecoder) throws(TrainingError) {
    engine = backbone.engine
    self.decoder = decoder
    self.variants = variants
    inputs = backbone.features
    // Landmarks do not depend on the chip's size, which the alignment's identity names behind them.
    faces = try Self.open(
      "faces", "\(engine.detector) \(engine.landmarkIdentity)", CachedFace.bytes, cache)
    maps = try Self.open(
      "features", engine.fingerprint.description + "; " + Augmentation.identity + "; halves",
      inputs * 2, cache)
  }

  private static func open(
    _ kind: String, _ identity: String, _ payload: Int, _ cache: URL
  ) throws(TrainingError) -> RecordFile {
    let name = SHA256.hexadecimal(of: Array(identity.utf8)).prefix(16)
    return try RecordFile(cache.appending(path: "\(kind)-\(name).bin"), identity: identity, payload: payload)
  }

  /// Bytes on disk.
  var bytes: Int { faces.bytes + maps.bytes }

  /// Makes sure that a photo's features are kept.
  func photo(_ url: URL) throws(TrainingError) -> Outcome {
    guard let data = try? InputFile.read(url.path(percentEncoded: false)) else {
      return Outcome(isUnreadable: true)
    }
    let digest = SHA256.digest(of: data)
    let known = faces.read(RecordFile.Key(photo: digest, variant: 0))
    // Reading, not looking up, finds damage in time to compute anew.
    let missing = (0..<variants).filter {
      maps.read(RecordFile.Key(photo: digest, variant: UInt64($0))) == nil
    }
    if let known {
      guard CachedFace(known) != nil else { return Outcome() }
      if missing.isEmpty { return Outcome(digest: digest, reused: variants) }
    }
    guard let image = try? decoder.decode(data, sizeHint: nil).image else {
      return Outcome(isUnreadable: true)
    }
    do {
      let face: CachedFace?
      if let known {
        face = CachedFace(known)
      } else {
        face = try engine.centralFace(in: image).map { CachedFace($0) }
        try faces.append([(RecordFile.Key(photo: digest, variant: 0), CachedFace.record(face))])
      }
      guard let face else { return Outcome() }
      try compute(missing, face, image, digest)
    } catch let error as TrainingError {
      throw error
    } catch let error as EngineError {
      throw TrainingError(.badData, "\(url.path): \(error.message)")
    } catch {
      throw TrainingError(.badData, "\(url.path): \(error)")
    }
    return Outcome(digest: digest, computed: missing.count, reused: variants - missing.count)
  }

  private func compute(_ missing: [Int], _ face: CachedFace, _ image: RGBImage, _ digest: [UInt8]) throws {
    var chips: [RGBImage] = []
    for variant in missing {
      chips.append(try Augmentation.chip(variant, of: face, in: image, photo: digest, engine: engine))
    }
    let values = try engine.descriptors(of: chips)
    try maps.append(
      missing.enumerated().map { place, variant in
        let row = HalfRows.halves(Array(values[place * inputs..<(place + 1) * inputs]))
        return (
          RecordFile.Key(photo: digest, variant: UInt64(variant)), row.withUnsafeBytes { Array($0) }
        )
      })
  }

  /// A picture's features in half precision.
  ///
  /// - Throws: ``TrainingError`` with code `foreignFile` when they were damaged on disk meanwhile.
  func features(_ digest: [UInt8], _ variant: Int) throws(TrainingError) -> [UInt16] {
    guard let bytes = maps.read(RecordFile.Key(photo: digest, variant: UInt64(variant))) else {
      throw TrainingError(
        .foreignFile,
        "\(maps.url.path) is damaged at a photo's features; run the same command again, which computes them anew."
      )
    }
    return [UInt16](unsafeUninitializedCapacity: inputs) { buffer, count in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = inputs
    }
  }
}
