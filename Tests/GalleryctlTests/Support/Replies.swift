/// The parts of `--json` replies that tests look at.
enum Replies {
  struct Photo: Decodable {
    struct Face: Decodable {
      struct Box: Decodable, Equatable { let x, y, width, height: Int }
      struct Detection: Decodable { let box: Box }
      struct Candidate: Decodable {
        let name: String
        let similarity: Double
        let probability: Double
      }
      struct Answer: Decodable {
        let known: Bool
        let name: String?
        let plan: String
        let candidates: [Candidate]
      }
      let detection: Detection
      let answer: Answer
    }
    let photo: String
    let faces: [Face]?
    let error: String?
  }

  struct Detected: Decodable {
    struct Face: Decodable { let box: Photo.Face.Box }
    let faces: [Face]?
    let error: String?
    let remarks: [String]?
  }

  struct Verified: Decodable {
    let samePerson: Bool
    let remarks: [[String]]?
  }

  struct Enrolment: Decodable {
    struct Photo: Decodable {
      let name: String
      let result: String
      let reasonKind: String?
      let remarks: [String]
    }
    let added, skipped, refused: Int
    let photos: [Photo]
  }

  struct Person: Decodable {
    let name: String
    let faces: Int
  }

  struct Info: Decodable {
    let people, faces: Int
    let sequence: Int
  }
}
