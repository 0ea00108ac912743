internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing

extension Call {
  /// What an event of a recognition says: the faces as they were answered, with the first candidates.
  private struct Recognition: Encodable {
    struct Face: Encodable {
      let detection: DetectedFace
      let answer: AnswerRecord
    }
    let faces: [Face]
  }

  /// What an event of an enrolment says.
  private struct Enrolment: Encodable {
    let person: UInt64?
    let name: String?
    let faces: [UInt64]
  }

  /// An event has at most so many candidates of a face, however many were asked for.
  private static let candidates = 5

  /// Tells that faces were recognised, when there are any.
  func tellRecognition(_ faces: some Sequence<(detection: DetectedFace, answer: Answer)>) {
    guard service.webhooks != nil else { return }
    let faces = faces.map {
      Recognition.Face(
        detection: $0.detection, answer: AnswerRecord($0.answer, candidates: Self.candidates))
    }
    if !faces.isEmpty { tell(.recognition, Recognition(faces: faces)) }
  }

  /// Tells that faces of a photo were added.
  func tellEnrolment(_ report: PhotoReport) {
    guard case .added(let faces) = report.outcome else { return }
    tell(
      .enrolment,
      Enrolment(person: report.person?.rawValue, name: report.name, faces: faces.map(\.rawValue)))
  }

  /// Tells that faces were given to somebody, when they were.
  func tellEnrolment(_ move: FaceMove) {
    guard let person = move.person, !move.moved.isEmpty else { return }
    tell(
      .enrolment,
      Enrolment(person: person.id.rawValue, name: person.name, faces: move.moved.map(\.face.rawValue)))
  }

  /// Tells that faces were added by their embeddings, an event a person.
  func tellEnrolment(_ faces: [FaceID]) {
    // Whoever was removed meanwhile is not told of.
    guard service.webhooks != nil, let gallery = try? gallery,
      let people = try? Dictionary(grouping: faces, by: { try gallery.face($0)?.person })
    else { return }
    for (person, faces) in people.sorted(by: { $0.value[0] < $1.value[0] }) {
      guard let person, let name = try? gallery.person(person)?.name else { continue }
      tell(.enrolment, Enrolment(person: person.rawValue, name: name, faces: faces.map(\.rawValue)))
    }
  }

  private func tell(_ kind: Webhooks.Event.Kind, _ content: some Encodable) {
    guard let webhooks = service.webhooks, let grant,
      // All of it was in a reply, or could be.
      let event = try? Webhooks.Event(
        kind: kind, gallery: grant.gallery.name, requestID: request.id, content: content)
    else { return }
    webhooks.post(event)
  }
}
