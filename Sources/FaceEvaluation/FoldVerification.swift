public import FaceEngine
public import Foundation
public import Imaging

/// Verification of folds with an engine for each, as when each engine was trained on nobody in its fold.
public struct FoldVerification: Sendable {
  private var folds: [[VerificationReport.Judged]] = []
  private var missing = 0

  /// No folds yet.
  public init() {}

  /// Embeds the photos of a fold's pairs and compares them.
  ///
  /// - Throws: ``EvaluationError`` as ``FaceSet/init(_:engine:averaging:cache:threads:decoder:progress:)`` does.
  public mutating func add(
    _ fold: [PairsFile.Pair], of dataset: PersonPhotos, engine: FaceEngine,
    averaging: FaceAveraging = .none, cache: URL? = nil, threads: Int = 1,
    decoder: ImageDecoder = ImageDecoder(), progress: @Sendable (Int) -> Void = { _ in }
  ) throws(EvaluationError) {
    let photos = Self.photos(of: fold)
    let faces = try FaceSet(
      dataset.selecting(photos), engine: engine, averaging: averaging, cache: cache, threads: threads,
      decoder: decoder, progress: progress)
    let place = Dictionary(uniqueKeysWithValues: photos.enumerated().map { ($1, $0) })
    let pairs = fold.compactMap { pair -> PairsFile.Pair? in
      guard let first = place[pair.first], let second = place[pair.second] else { return nil }
      return PairsFile.Pair(first: first, second: second, isSame: pair.isSame)
    }
    folds.append(VerificationReport.judged(pairs, faces, missing: &missing))
  }

  /// The photos of a fold's pairs, by index, each once, in order.
  public static func photos(of fold: [PairsFile.Pair]) -> [Int] {
    Set(fold.flatMap { [$0.first, $0.second] }).sorted()
  }

  /// The folds so far, each with the threshold that is best on the others.
  public var report: VerificationReport { VerificationReport(folds, missing: missing) }
}
