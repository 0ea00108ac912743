import FaceGallery

/// What `add` did, as `--json` shows it.
struct EnrolmentRecord: Encodable {
  struct Photo: Encodable {
    let photo: String?
    let name: String?
    let person: PersonID?
    let result: String
    let faces: [FaceID]
    let reasonKind: String?
    let reason: String?
    let alsoShows: [String]

    init(_ report: PhotoReport) {
      photo = report.photo
      name = report.name
      person = report.person
      alsoShows = report.alsoShows
      switch report.outcome {
      case .added(let ids): (result, faces, reasonKind, reason) = ("added", ids, nil, nil)
      case .skipped(let ids): (result, faces, reasonKind, reason) = ("there already", ids, nil, nil)
      case .refused(let why): (result, faces, reasonKind, reason) = ("refused", [], why.kind, why.description)
      }
    }
  }

  let added: Int
  let skipped: Int
  let refused: Int
  let people: Int
  let photos: [Photo]
  let unreadable: [String]

  init(_ report: FitReport) {
    added = report.added
    skipped = report.skipped
    refused = report.refused
    people = report.people
    photos = report.photos.map(Photo.init)
    unreadable = report.unreadable
  }
}
