public import FaceEngine
public import Foundation
public import Imaging

/// People, their faces, and answers to "who is this?".
public final class Gallery: Sendable {
  public let url: URL
  init() { url = URL(filePath: "/") }
  static var stub: GalleryError { GalleryError(.storage, "The gallery is not there yet.") }

  public static func open(
    at url: URL, engine: (any EmbeddingEngine)? = nil, options: GalleryOptions = GalleryOptions()
  ) throws(GalleryError) -> Gallery { throw stub }
  /// Saves the index when that pays; the gallery refuses work afterwards. Also done when the last reference goes.
  public func close() throws(GalleryError) { throw Self.stub }

  // Enrolment
  public func add(_ photo: Photo, as name: String, options: EnrolmentOptions = EnrolmentOptions())
    throws(GalleryError) -> PhotoReport
  { throw Self.stub }
  public func add(_ embedding: Embedding, as name: String) throws(GalleryError) -> FaceID { throw Self.stub }
  public func add(_ embeddings: [(name: String, embedding: Embedding)]) throws(GalleryError) -> [FaceID] {
    throw Self.stub
  }
  public func fitDataset(
    at folder: URL, options: EnrolmentOptions = EnrolmentOptions(severalFaces: .largest),
    progress: (@Sendable (FitProgress) -> Void)? = nil
  ) throws(GalleryError) -> FitReport { throw Self.stub }

  // Queries
  public func query(
    _ photo: Photo, detection: DetectionOptions = DetectionOptions(), options: QueryOptions = QueryOptions()
  )
    throws(GalleryError) -> [ProbeAnswer]
  { throw Self.stub }
  public func query(_ embedding: Embedding, options: QueryOptions = QueryOptions()) throws(GalleryError)
    -> Answer
  {
    throw Self.stub
  }
  public func verify(
    _ a: Photo, _ b: Photo, detection: DetectionOptions = DetectionOptions(), threshold: Float? = nil
  )
    throws(GalleryError) -> Verification
  { throw Self.stub }
  public static func verify(
    _ a: Photo, _ b: Photo, engine: any EmbeddingEngine, detection: DetectionOptions = DetectionOptions(),
    threshold: Float? = nil, decoder: ImageDecoder = ImageDecoder()
  ) throws(GalleryError) -> Verification { throw Self.stub }

  // People
  public func people() throws(GalleryError) -> [Person] { throw Self.stub }
  public func person(named name: String) throws(GalleryError) -> Person? { throw Self.stub }
  public func person(_ id: PersonID) throws(GalleryError) -> Person? { throw Self.stub }
  public func faces(of person: PersonID) throws(GalleryError) -> [EnrolledFace] { throw Self.stub }
  public func face(_ id: FaceID) throws(GalleryError) -> EnrolledFace? { throw Self.stub }
  public func embedding(of face: FaceID) throws(GalleryError) -> Embedding? { throw Self.stub }
  @discardableResult
  public func rename(_ person: PersonID, to name: String) throws(GalleryError) -> Person { throw Self.stub }
  /// Moves all faces of `source` to `target` and removes `source`.
  @discardableResult
  public func merge(_ source: PersonID, into target: PersonID) throws(GalleryError) -> Person {
    throw Self.stub
  }
  /// Returns how many faces went with the person.
  @discardableResult
  public func remove(_ person: PersonID) throws(GalleryError) -> Int { throw Self.stub }
  public func remove(_ face: FaceID) throws(GalleryError) { throw Self.stub }

  // Upkeep
  public func info() throws(GalleryError) -> GalleryInfo { throw Self.stub }
  public func rebuildIndex(progress: (@Sendable (Int, Int) -> Void)? = nil) throws(GalleryError) {
    throw Self.stub
  }
  public func saveSnapshot() throws(GalleryError) { throw Self.stub }
  public func checkInvariants() throws(GalleryError) { throw Self.stub }
  public func backup(to folder: URL) throws(GalleryError) { throw Self.stub }

  // The seed's API
  public func embeddings(in photo: Photo, maxFaces: Int? = nil, detectFaces: Bool = true) throws(GalleryError)
    -> [Embedding]
  { throw Self.stub }
  public static func compare(_ a: Embedding, _ b: Embedding) throws(GalleryError) -> Comparison { throw stub }
  public func match(_ photo: Photo, detectFaces: Bool = true, maxFaces: Int? = nil) throws(GalleryError)
    -> [NamedFace]
  {
    throw Self.stub
  }
}
