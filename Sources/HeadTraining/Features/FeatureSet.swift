internal import FaceEngine
public import FaceEvaluation
public import Foundation
public import Imaging
internal import Support
internal import Synchronization

/// Flattened feature maps of the faces of a data set, the plain picture of each and its augmentations.
public struct FeatureSet: Sendable {
  /// So many further pictures of each face are made unless told otherwise.
  public static let standardAugmentations = 1

  /// Values of a feature map.
  public let inputs: Int
  /// Pictures of each face: 1 without augmentation.
  public let variants: Int
  /// The photo, by its index, of each face.
  public let photos: [Int]
  /// The person, by its index, of each face; people in order.
  public let people: [Int]
  /// Features, a row for each face and variant, the variants of a face behind one another.
  let values: HalfRows
  /// What it took.
  public let report: FeatureReport

  init(
    variants: Int, photos: [Int], people: [Int], values: HalfRows, report: FeatureReport = FeatureReport()
  ) {
    precondition(photos.count == people.count && values.count == people.count * variants)
    (self.inputs, self.variants, self.photos, self.people) = (values.width, variants, photos, people)
    self.values = values
    self.report = report
  }

  /// Finds and aligns the faces of photos once, runs them and their augmentations through a backbone, and keeps both
  /// in a folder; the next time only what is new is computed.
  ///
  /// - Parameters:
  ///   - augmentations: Further pictures of each face: a mirror image, then shifted, darker and lighter ones.
  ///   - cache: The folder; it may serve several backbones and sizes.
  ///   - decoder: Limits on the photos that are read.
  ///   - progress: Told how many photos are done, from any thread.
  /// - Throws: ``TrainingError``: `badData` when no photo has a face, `foreignFile`, `inaccessible`.
  public init(
    _ dataset: PersonPhotos, backbone: Backbone, augmentations: Int, cache: URL, threads: Int = 1,
    decoder: ImageDecoder = ImageDecoder(), progress: @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    let start = ContinuousClock.now
    let extraction = try FeatureExtraction(
      backbone, variants: augmentations + 1, cache: cache, decoder: decoder)
    let total = dataset.photos.count
    let digests = Mutex<[[UInt8]?]>(Array(repeating: nil, count: total))
    let failure = Mutex<TrainingError?>(nil)
    let tally = Mutex(FeatureReport())
    let next = Atomic<Int>(0)
    let finished = Atomic<Int>(0)
    WorkerThread.team(of: threads, "photos") { _ in
      while failure.withLock({ $0 == nil }) {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < total else { return }
        do throws(TrainingError) {
          let outcome = try extraction.photo(dataset.photos[index].url)
          digests.withLock { $0[index] = outcome.digest }
          tally.withLock { report in
            report.photos += 1
            report.computed += outcome.computed
            report.reused += outcome.reused
            if outcome.isUnreadable {
              report.unreadable.append(dataset.photos[index].url.path)
            } else if outcome.digest == nil {
              report.withoutFace += 1
            }
          }
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
        progress(finished.wrappingAdd(1, ordering: .relaxed).newValue)
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    var report = tally.withLock { $0 }
    report.unreadable.sort()
    report.bytes = extraction.bytes
    let found = digests.withLock { $0 }
    var photos: [Int] = []
    var people: [Int] = []
    var values = HalfRows(
      width: backbone.features, capacity: found.count { $0 != nil } * (augmentations + 1))
    for (index, digest) in found.enumerated() {
      guard let digest else { continue }
      photos.append(index)
      people.append(dataset.photos[index].person)
      for variant in 0...augmentations { values.append(try extraction.features(digest, variant)) }
    }
    guard !photos.isEmpty else {
      throw TrainingError(
        .badData, "No face was found in any of the \(total) photos; are they of people?")
    }
    report.seconds = (ContinuousClock.now - start) / .seconds(1)
    self.init(
      variants: augmentations + 1, photos: photos, people: people, values: values, report: report)
  }

  /// The features of some faces' plain pictures, row by row.
  func rows(_ faces: some Collection<Int>) -> [Float] { values(faces.map { $0 * variants }) }

  /// The cosine of two faces' features.
  func similarity(_ first: Int, _ second: Int) -> Float {
    let rows = UnitVectors.of(rows([first, second]), dimension: inputs)
    return UnitVectors.similarity(rows[..<inputs], rows[inputs...])
  }
}

/// What making or finding the features of photos took.
public struct FeatureReport: Sendable, Hashable, Codable {
  /// Photos looked at.
  public var photos = 0
  /// Photos without a face.
  public var withoutFace = 0
  /// Files that are no photos, or damaged.
  public var unreadable: [String] = []
  /// Pictures run through the network now.
  public var computed = 0
  /// Pictures whose features were there.
  public var reused = 0
  /// Bytes of the cache on disk; 0 without one.
  public var bytes = 0
  /// Seconds of the whole.
  public var seconds = 0.0
}
