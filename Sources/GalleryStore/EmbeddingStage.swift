package import FaceEngine

/// Embeddings of another engine for the faces of a gallery, kept on disk beside it until all of them are there.
///
/// A face's number is never given to another one, and its photo and landmarks stay: what was staged stays right while
/// the gallery goes on being used. A gallery that was replaced by a backup is told by the photo and the time as well.
package protocol EmbeddingStage: AnyObject {
  /// Keeps vectors; they are on disk afterwards.
  func put(_ entries: [StagedEmbedding]) throws

  /// Runs `body` with a function that gives the bytes of the new vector of a face; nil for a face without one, or whose vector
  /// is not what was written.
  func read<Result>(_ body: ((FaceID, StoredFace) throws -> [UInt8]?) throws -> Result) throws -> Result
}

/// A face's new vector, with what shows that the face is still the same one.
package struct StagedEmbedding: Sendable {
  package let face: FaceID
  package let record: StoredFace
  package let embedding: Embedding

  package init(face: FaceID, record: StoredFace, embedding: Embedding) {
    (self.face, self.record, self.embedding) = (face, record, embedding)
  }
}
