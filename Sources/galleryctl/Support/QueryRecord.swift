import FaceEngine
import FaceGallery
import Foundation

/// A photo's answers as `query --json` shows them.
struct QueryRecord: Encodable {
  struct Probe: Encodable {
    let detection: DetectedFace
    let verdict: String
    let name: String?
    let threshold: Float
    let plan: String
    let sequence: UInt64
    let candidates: [Match]
  }

  let photo: String
  let faces: [Probe]?
  let error: String?

  init(_ result: PhotoLoop.Result<[ProbeAnswer]>) {
    photo = result.photo.relativePath
    error = result.failure
    faces = result.value?.map { probe in
      let name: String? = if case .known(let match) = probe.answer.verdict { match.name } else { nil }
      return Probe(
        detection: probe.face.detection, verdict: name == nil ? "unknown" : "known", name: name,
        threshold: probe.answer.threshold, plan: probe.answer.plan, sequence: probe.answer.sequence,
        candidates: probe.answer.candidates)
    }
  }
}
