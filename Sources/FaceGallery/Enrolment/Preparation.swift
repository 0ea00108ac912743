internal import FaceEngine
internal import Foundation
internal import Imaging

/// The part of an enrolment that needs no transaction: read, digest, decode, detect, choose, embed.
struct Preparation: Sendable {
  let gallery: Gallery
  let options: EnrolmentOptions

  /// What came of a photo before the store is asked.
  enum Outcome: Sendable {
    case ready(PreparedPhoto)
    case finished(PhotoReport)
  }

  /// Prepares a photo; whatever is wrong with it, or with the name, is in the outcome.
  ///
  /// - Throws: ``GalleryError`` when the gallery is in trouble.
  func prepare(_ item: NamedPhoto) throws(GalleryError) -> Outcome {
    let name: PersonName?
    do throws(GalleryError) {
      name = if let text = item.name { try PersonName(text) } else { nil }
    } catch {
      return .finished(
        PhotoReport(
          photo: item.photo.label, name: item.name, person: nil,
          outcome: .refused(.invalidName(error.message))))
    }
    return try prepare(item.photo, as: name)
  }

  /// Prepares a photo; whatever is wrong with it is in the outcome.
  ///
  /// - Throws: ``GalleryError`` when the gallery, not the photo, is in trouble.
  func prepare(_ photo: Photo, as name: PersonName?) throws(GalleryError) -> Outcome {
    func refused(_ refusal: Refusal) throws(GalleryError) -> Outcome {
      let person: PersonID? = if let name { try gallery.person(named: name.text)?.id } else { nil }
      return .finished(
        PhotoReport(photo: photo.label, name: name?.text, person: person, outcome: .refused(refusal)))
    }
    let engine = try gallery.requireEngine()
    do {
      let loaded = try LoadedPhoto(photo)
      if let report = try skipped(loaded.digest, photo.label, name) { return .finished(report) }
      let picture = try loaded.picture(
        gallery.options.decoder, sufficientSide: engine.sufficientSide(for: detection))
      let faces = try engine.faces(in: picture, options: detection)
      switch choose(faces) {
      case .failure(let refusal): return try refused(refusal.value)
      case .success(let chosen):
        let thumbnails = try chosen.map { face in
          options.keepPhotos ? try Thumbnail(of: face.detection.box, in: picture).jpeg : nil
        }
        return .ready(
          PreparedPhoto(
            name: name, digest: loaded.digest, label: photo.label, faces: chosen, thumbnails: thumbnails,
            marks: options.marks))
      }
    } catch let error as ImageError {
      return try refused(.unreadable(error.message))
    } catch let error as EngineError {
      return try refused(.engineFailure(error.message))
    } catch {
      throw GalleryError(cause: error)
    }
  }

  /// A report when the person has the photo already, or it gave faces without a name: the work of decoding is spared.
  private func skipped(
    _ digest: PhotoDigest, _ label: String?, _ name: PersonName?
  ) throws(GalleryError) -> PhotoReport? {
    try gallery.read { store, transaction in
      let person = if let name { try store.person(named: name, transaction) } else { PersonID.unnamed }
      guard let person else { return nil }
      let own = try store.faces(in: digest, transaction).filter {
        try store.faceRecord($0, transaction)?.person == person
      }
      guard !own.isEmpty else { return nil }
      return PhotoReport(
        photo: label, name: name?.text, person: name == nil ? nil : person, outcome: .skipped(own))
    }
  }

  /// With the largest face wanted, no others need be embedded.
  private var detection: DetectionOptions {
    var detection = options.detection
    if options.severalFaces == .largest { detection.maxFaces = 1 }
    return detection
  }

  private struct Refused: Error {
    let value: Refusal
  }

  private func choose(_ faces: [Face]) -> Result<[Face], Refused> {
    guard let largest = faces.first else { return .failure(Refused(value: .noFace)) }
    switch options.severalFaces {
    case .refuse where faces.count > 1: return .failure(Refused(value: .severalFaces(faces.count)))
    case .refuse, .largest:
      if let refusal = objection(to: largest) { return .failure(Refused(value: refusal)) }
      return .success([largest])
    case .all:
      // Poor faces beside good ones are left out; when all are poor, the largest says why.
      let good = faces.filter { objection(to: $0) == nil }
      if good.isEmpty, let refusal = objection(to: largest) { return .failure(Refused(value: refusal)) }
      return .success(good)
    }
  }

  private func objection(to face: Face) -> Refusal? {
    let quality = face.detection.quality
    let limits = options.quality
    if quality.size < limits.minimumSize {
      return .tooSmall(size: quality.size, minimum: limits.minimumSize)
    }
    if quality.sharpness < limits.minimumSharpness {
      return .blurred(sharpness: quality.sharpness, minimum: limits.minimumSharpness)
    }
    if abs(quality.yaw) > limits.maximumYaw {
      return .turned(yaw: abs(quality.yaw), maximum: limits.maximumYaw)
    }
    return nil
  }
}
