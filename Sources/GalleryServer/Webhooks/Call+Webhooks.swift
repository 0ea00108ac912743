internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing

extension Call {
  /// What an event of a recognition says: the faces as they were answered.
  private struct Recognition: Encodable, Sendable {
    struct Face: Encodable, Sendable {
      let detection: DetectedFace
      let answer: AnswerRecord
    }
    let faces: [Face]
  }

  /// What an event of an enrolment says.
  private struct Enrolment: Encodable, Sendable {
    let person: UInt64?
    let name: String?
    let faces: [UInt64]
  }

  /// Tells that a photo was recognised, when it shows a face.
  func tellRecognition(_ faces: some Sequence<(detection: DetectedFace, answer: Answer)>) {
    guard let webhooks = service.webhooks, let grant else { return }
    let faces = faces.map { Recognition.Face(detection: $0.detection, answer: AnswerRecord($0.answer)) }
    guard !faces.isEmpty else { return }
    webhooks.post(
      Webhooks.Event(
        kind: .recognition, gallery: grant.gallery.name, requestID: request.id,
        content: Recognition(faces: faces)))
  }

  /// Tells that faces of a photo were added.
  func tellEnrolment(_ report: PhotoReport) {
    guard let webhooks = service.webhooks, let grant, case .added(let faces) = report.outcome else { return }
    webhooks.post(
      Webhooks.Event(
        kind: .enrolment, gallery: grant.gallery.name, requestID: request.id,
        content: Enrolment(
          person: report.person?.rawValue, name: report.name, faces: faces.map(\.rawValue))))
  }
}
