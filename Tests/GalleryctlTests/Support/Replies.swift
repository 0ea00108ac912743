/// The parts of `--json` replies that tests look at.
enum Replies {
  struct Photo: Decodable {
    struct Face: Decodable {
      struct Box: Decodable, Equatable { let x, y, width, height: Int }
      struct Detection: Decodable { let box: Box }
      struct Candidate: Decodable {
        let name: String
        let similarity: Double
        let confidence: Double
      }
      let detection: Detection
      let verdict: String
      let name: String?
      let plan: String
      let candidates: [Candidate]
    }
    let photo: String
    let faces: [Face]?
    let error: String?
  }

  struct Detected: Decodable {
    struct Face: Decodable { let box: Photo.Face.Box }
    let faces: [Face]?
    let error: String?
  }

  struct Enrolment: Decodable {
    struct Photo: Decodable {
      let name: String
      let result: String
      let reasonKind: String?
    }
    let added, skipped, refused: Int
    let photos: [Photo]
  }

  struct Person: Decodable {
    let name: String
    let faceCount: Int
  }

  struct Info: Decodable {
    let people, faces: Int
    let sequence: Int
  }
}
