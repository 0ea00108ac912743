internal import COpenBLAS
package import NeuralNetwork
internal import Support

/// Finds the faces in photos and cuts them out as an engine does, without the network that embeds them: its weights are not read,
/// and need not be there, unless only they say how large the chips are.
///
/// All methods may be called from any number of threads; ``EngineConfiguration/threads`` of them run at a time
/// and the rest wait. They compute for milliseconds to seconds and block their thread: an `async` program calls
/// them from threads of its own, not from the cooperative pool.
///
/// OpenBLAS, which dlib's CNN detector computes with, is set to one thread for the whole process: faces and photos
/// are what runs in parallel here.
public class FaceFinder: @unchecked Sendable {
  // Unchecked because there is a subclass; all that both have are constants that may be shared.

  /// What the finder was made of.
  public let configuration: EngineConfiguration

  /// Rows of a face as the network sees it.
  public let chipHeight: Int

  /// Columns of a face as the network sees it.
  public let chipWidth: Int

  /// The landmarks by which it cuts faces out.
  public var scheme: LandmarkScheme { aligner.scheme }

  /// Which detector finds the faces.
  public let detector: DetectorKind

  /// Which landmarks faces are cut out by, and what finds them: the beginning of ``EngineFingerprint/alignment``.
  package let landmarkIdentity: String

  let aligner: any FaceAligner
  /// Finds the landmarks that the aligner takes; nil where the detector gives them.
  let predictor: (any LandmarkPredictor)?
  let detectors: WorkerPool<any FaceDetector>

  /// See ``FaceDetector/decodeSizeHint``.
  let detectorSizeHint: Int?

  /// See ``FaceDetector/searchSize``.
  let searchSize: SearchSize

  /// Reads what faces are found with.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  /// - Complexity: About 2 ms for YuNet.
  public convenience init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
    let parts = try EngineParts(configuration)
    let factory = try DetectorFactory(configuration, parts)
    let chip = try parts.chip()
    self.init(
      configuration, factory, first: try factory.make(), chip: chip,
      permits: FairSemaphore(permits: configuration.threads))
  }

  /// A finder of faces for chips of some size.
  ///
  /// - Parameters:
  ///   - detector: A detector of the factory that nobody else uses.
  ///   - permits: Whoever looks for faces takes one meanwhile.
  init(
    _ configuration: EngineConfiguration, _ factory: DetectorFactory, first detector: any FaceDetector,
    chip: ChipSize, permits: FairSemaphore
  ) {
    fg_blas_use_one_thread()
    self.configuration = configuration
    self.detector = factory.detector
    (aligner, predictor) = (factory.aligner, factory.predictor)
    (chipHeight, chipWidth) = (chip.height, chip.width)
    detectorSizeHint = detector.decodeSizeHint
    searchSize = detector.searchSize
    landmarkIdentity = factory.landmarkIdentity(detector)
    detectors = WorkerPool(first: detector, permits: permits) { () throws(EngineError) in
      try factory.make()
    }
  }

  /// What each step of the detector's network runs, in order, for a photo of 640 × 480; none for dlib's detectors.
  package func detectorSteps() throws(EngineError) -> [LayerDescription] {
    try detectors.withWorker { detector throws(EngineError) in try detector.steps() }
  }
}
