internal import FaceGallery

/// What the options of the command line and the parameters of the service may be.
public enum OptionLimits {
  /// Candidates of an answer.
  public static let candidates = 1...1_000
  /// Candidates of all answers of one request together: embeddings, or faces of a photo, times candidates of an answer.
  public static let allCandidates = 1...100_000
  /// Embeddings of one request times the width of a search of the index, where one is given.
  public static let allEf = 1...1_000_000
  /// Embeddings of one request times faces of the gallery, where every face is asked to be compared.
  public static let allComparisons = 1...100_000_000
  /// Faces whose mean similarity a person is judged by.
  public static let facesOfMean = 1...100
  /// Width of a search of the index.
  public static let ef = 1...10_000
  /// A similarity from which a face is named.
  public static let threshold = -1.0...1.0
  /// How often a photo is doubled before faces are looked for.
  public static let upsampling = 0...2
  /// Faces that are used of a photo.
  public static let maxFaces = 1...1_000
  /// The longer side, in pixels, to which larger photos are shrunk to look for faces.
  public static let searchSide = DetectionOptions.leastMaximumSide...65_536
  /// A detector's score above its own threshold.
  public static let minimumScore = -10.0...10.0
  /// The largest photo that is decoded, in megapixels.
  public static let megapixels = 1...10_000
  /// Photos that are processed in parallel.
  public static let threads = EngineConfiguration.threadRange
  /// Entries of a page of a list.
  public static let page = 1...1_000
  /// Faces that a group has at least.
  public static let facesOfGroup = 1...1_000_000
  /// Embeddings in one request.
  public static let embeddings = 1...1_000
  /// Faces on which a check measures the index's recall.
  public static let recallSample = 0...100_000
}
