internal import FaceGallery

/// The bodies of CompreFace's replies, and what we say beyond them.
enum CompreFaceReplies {
  struct Box: Encodable {
    let probability: Double
    let x_max: Int
    let y_max: Int
    let x_min: Int
    let y_min: Int

    init(_ detection: DetectedFace, _ query: CompreFaceQuery) {
      let box = detection.box
      // A face that is said to be one is one for sure.
      probability = query.detection.detectFaces ? query.probability.value(detection.quality.detectorScore) : 1
      (x_min, y_min, x_max, y_max) = (box.x, box.y, box.x + box.width, box.y + box.height)
    }
  }

  /// Degrees, with CompreFace's signs: up, and to the left of the photo and against the clock are positive.
  struct Pose: Encodable {
    let pitch: Double
    let roll: Double
    let yaw: Double

    init(_ face: DetectedFace) {
      pitch = Double(face.pitch ?? 0)
      (roll, yaw) = (-Double(face.quality.roll), -Double(face.quality.yaw))
    }
  }

  struct Subject: Encodable {
    let subject: String
    /// See ``CompreFaceSimilarity``.
    let similarity: Double
    /// Beyond CompreFace: the cosine similarity.
    let cosine: Float
    /// Beyond CompreFace: the example that is most alike.
    var image_id: String?
    /// Beyond CompreFace: where its picture is, when one is kept.
    var image_url: String?
  }

  struct Face: Encodable {
    let box: Box
    var embedding: [Float]?
    var landmarks: [[Int]]?
    var pose: Pose?
    var subjects: [Subject]?
    /// Beyond CompreFace: whether the first subject is who it is, or nobody here.
    var known: Bool?
    /// Beyond CompreFace: whether it is the first subject, another one, or somebody alike.
    var ambiguous: Bool?
    /// Beyond CompreFace: the face of the result, from 0, that has the first subject's name.
    var better_face: Int?
    /// Beyond CompreFace: the cosine similarity from which a face is named.
    var threshold: Float?
    /// Of a comparison, see ``CompreFaceSimilarity``.
    var similarity: Double?
    /// Beyond CompreFace: the cosine similarity of a comparison.
    var cosine: Float?
    /// Beyond CompreFace: whether it reaches the threshold.
    var same_person: Bool?
    /// Beyond CompreFace: of a comparison with a subject, the example that is most alike.
    var image_id: String?
    /// Beyond CompreFace: where the picture of that is, when one is kept.
    var image_url: String?
    /// Milliseconds by plugin.
    var execution_time: [String: Double]?

    init(_ face: SeenFace, _ query: CompreFaceQuery) {
      box = Box(face.detection, query)
      var times = face.times
      if query.plugins.contains(.calculator) { embedding = face.embedding?.values }
      if query.plugins.contains(.landmarks) {
        landmarks = face.detection.eyesNoseMouth?.map { [Int($0.x.rounded()), Int($0.y.rounded())] }
      }
      if query.plugins.contains(.pose) {
        let watch = Stopwatch()
        pose = Pose(face.detection)
        times["pose"] = watch.milliseconds
      }
      if query.wantsStatus { execution_time = times }
    }
  }

  struct Faces: Encodable {
    let result: [Face]
    var plugins_versions: [String: String]?
    /// Beyond CompreFace: what is to be said of the photo's file though its picture was read.
    var remarks: [String]?
  }

  struct Verification: Encodable {
    let source_image_face: Face
    let face_matches: [Face]
    var plugins_versions: [String: String]?
    /// Beyond CompreFace: what is to be said of both photos' files though their pictures were read.
    var remarks: [String]?
  }

  struct Verifications: Encodable { let result: [Verification] }

  struct Example: Encodable {
    let image_id: String
    let subject: String
  }

  struct Examples: Encodable {
    let faces: [Example]
    let page_number: Int
    let page_size: Int
    let total_pages: Int
    let total_elements: Int
    /// Beyond CompreFace: `after` of the next page.
    let next: String?
  }

  struct Subjects: Encodable {
    let subjects: [String]
    /// Beyond CompreFace: `after` of the next page.
    let next: String?
  }

  struct SubjectName: Codable { let subject: String }
  struct Updated: Encodable { let updated: Bool }
  struct Deleted: Encodable { let deleted: Int }

  struct Embeddings: Decodable { let embeddings: [[Float]] }

  struct EmbeddingAnswer: Encodable {
    let embedding: [Float]
    let similarities: [Subject]
    let known: Bool
    let ambiguous: Bool
    let threshold: Float
  }

  struct EmbeddingAnswers: Encodable { let result: [EmbeddingAnswer] }

  struct EmbeddingSimilarity: Encodable {
    let embedding: [Float]
    /// See ``CompreFaceSimilarity``.
    let similarity: Double
    /// Beyond CompreFace: the cosine similarity.
    let cosine: Float
  }

  struct EmbeddingSimilarities: Encodable { let result: [EmbeddingSimilarity] }
}
