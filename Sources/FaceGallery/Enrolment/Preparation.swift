internal import FaceEngine
internal import Foundation
internal import GalleryStore
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

  /// What came of a photo before its faces are embedded.
  private enum Search {
    case located(LocatedPhoto)
    case finished(PhotoReport)

    var faces: [LocatedFace] { if case .located(let photo) = self { photo.faces } else { [] } }
  }

  /// A photo whose faces have been chosen.
  private struct LocatedPhoto {
    let name: PersonName?
    let hasBox: Bool
    let replaces: [FaceID]
    let digests: PhotoDigests
    let label: String?
    let faces: [LocatedFace]
    let thumbnails: [[UInt8]?]
    let remarks: [ImageRemark]
  }

  /// Prepares photos, embedding their faces together; whatever is wrong with one, or with a name, is in its outcome.
  ///
  /// - Returns: An outcome a photo, in their order.
  /// - Throws: ``GalleryError`` when the gallery is in trouble.
  func prepare(_ photos: some Sequence<NamedPhoto>) throws(GalleryError) -> [Outcome] {
    let engine = try gallery.requireEngine()
    var searches: [Search] = []
    var opened: OpenedPhoto?
    for photo in photos { searches.append(try search(photo, engine, &opened)) }
    let faces = searches.flatMap(\.faces)
    var together = (try? engine.embed(faces))?[...]
    // One photo that cannot be embedded must not take the others with it, nor shift their embeddings: each for itself then.
    if together?.count != faces.count { together = nil }
    return try searches.map { search throws(GalleryError) in
      try outcome(of: search) { faces throws(EngineError) in
        guard let own = together?.prefix(faces.count) else { return try engine.embed(faces) }
        together?.removeFirst(own.count)
        return Array(own)
      }
    }
  }

  private func outcome(
    of search: Search, embed: ([LocatedFace]) throws(EngineError) -> [Embedding]
  ) throws(GalleryError) -> Outcome {
    switch search {
    case .finished(let report): return .finished(report)
    case .located(let photo):
      let embeddings: [Embedding]
      do throws(EngineError) {
        embeddings = try embed(photo.faces)
      } catch {
        return .finished(try refused(photo.label, photo.name, Refusal(error)))
      }
      guard embeddings.count == photo.faces.count else {
        let refusal = Refusal.engineFailure("The engine gave no embedding of a face.")
        return .finished(try refused(photo.label, photo.name, refusal))
      }
      let faces = zip(photo.faces, embeddings).map { Face(detection: $0.detection, embedding: $1) }
      return .ready(
        PreparedPhoto(
          name: photo.name, hasBox: photo.hasBox, replaces: photo.replaces, digests: photo.digests,
          label: photo.label,
          faces: faces,
          thumbnails: photo.thumbnails, tags: options.tags, refusesDoubtful: options.refusesDoubtful,
          remarks: photo.remarks))
    }
  }

  private func refused(
    _ label: String?, _ name: PersonName?, _ refusal: Refusal
  ) throws(GalleryError) -> PhotoReport {
    let person = try gallery.read { snapshot in try name.flatMap { try snapshot.person(named: $0) } }
    return PhotoReport(photo: label, name: name?.text, person: person, outcome: .refused(refusal))
  }

  /// A photo in which somebody gave the places of several faces, each of which is an item of its own.
  private struct OpenedPhoto {
    let url: URL
    let loaded: LoadedPhoto
    let digests: PhotoDigests
    var picture: ReducedImage?
    var found: [LocatedFace]?
  }

  /// - Parameter opened: The photo of the item before, if the place of its face was given; then that of this one.
  private func search(
    _ item: NamedPhoto, _ engine: any EmbeddingEngine, _ opened: inout OpenedPhoto?
  ) throws(GalleryError) -> Search {
    let photo = item.photo
    if let refusal = item.refusal { return .finished(try refused(photo.label, nil, refusal)) }
    let name: PersonName?
    do throws(GalleryError) {
      name = if let text = item.name { try PersonName(text) } else { nil }
    } catch {
      return .finished(
        PhotoReport(
          photo: photo.label, name: item.name, person: nil, outcome: .refused(.invalidName(error.message))))
    }
    do {
      let known = item.box == nil ? nil : opened.flatMap { photo.isFile(at: $0.url) ? $0 : nil }
      let loaded = try known?.loaded ?? LoadedPhoto(photo)
      let digests = known?.digests ?? loaded.digests
      opened = nil
      if item.box != nil, case .file(let url) = photo {
        opened = known ?? OpenedPhoto(url: url, loaded: loaded, digests: digests)
      }
      if let report = try skipped(digests, photo.label, name, at: item.box) { return .finished(report) }
      let picture =
        try known?.picture
        ?? loaded.picture(
          gallery.options.decoder, sizeHint: item.box == nil ? engine.decodeSizeHint(for: detection) : nil)
      opened?.picture = picture
      if !options.allowsDamaged, let damage = picture.remarks.first(where: { $0.code == .damaged }) {
        return .finished(try refused(photo.label, name, .damaged(damage.message)))
      }
      var found = known?.found
      defer { opened?.found = found }
      let choice: Result<[LocatedFace], Refused> =
        if let box = item.box {
          chosen(
            try engine.locate(in: picture, at: box, acceptsCrop: item.trustsBox, found: &found),
            isTrusted: item.trustsBox)
        } else if item.replaces.count > 1 {
          // Each of them may be the one of a face that was there.
          nonEmpty(try engine.locate(in: picture, options: options.detection))
        } else {
          choose(try engine.locate(in: picture, options: detection))
        }
      switch choice {
      case .failure(let refusal): return .finished(try refused(photo.label, name, refusal.value))
      case .success(let faces):
        let thumbnails = try faces.map { face in
          options.keepThumbnails ? try Thumbnail(of: face.detection.box, in: picture).jpeg : nil
        }
        return .located(
          LocatedPhoto(
            name: name, hasBox: item.box != nil, replaces: item.replaces, digests: digests,
            label: photo.label, faces: faces,
            thumbnails: thumbnails,
            remarks: picture.remarks))
      }
    } catch let error as ImageError {
      return .finished(try refused(photo.label, name, Refusal(error)))
    } catch let error as EngineError {
      return .finished(try refused(photo.label, name, Refusal(error)))
    } catch {
      throw GalleryError(cause: error)
    }
  }

  /// A report when the person has the photo already, or it gave faces without a name: the work of decoding is spared.
  private func skipped(
    _ digests: PhotoDigests, _ label: String?, _ name: PersonName?, at box: PixelRect?
  ) throws(GalleryError) -> PhotoReport? {
    try gallery.read { snapshot in
      let person = if let name { try snapshot.person(named: name) } else { PersonID.unnamed }
      guard let person else { return nil }
      let own = try snapshot.faces(in: digests).filter { face in
        guard let record = try snapshot.faceRecord(face), record.person == person else { return false }
        // Of several faces of a photo each may be meant.
        return box == nil || record.isSameFace(at: box)
      }
      guard !own.isEmpty else { return nil }
      return PhotoReport(
        photo: label, name: name?.text, person: name == nil ? nil : person, outcome: .skipped(own))
    }
  }

  /// With the largest face wanted, no others need be cut out.
  private var detection: DetectionOptions {
    var detection = options.detection
    if options.severalFaces == .largest { detection.maxFaces = 1 }
    return detection
  }

  private struct Refused: Error {
    let value: Refusal
  }

  private func chosen(_ face: LocatedFace?, isTrusted: Bool) -> Result<[LocatedFace], Refused> {
    guard let face else { return .failure(Refused(value: .noFace)) }
    if !isTrusted, let refusal = objection(to: face) { return .failure(Refused(value: refusal)) }
    return .success([face])
  }

  private func nonEmpty(_ faces: [LocatedFace]) -> Result<[LocatedFace], Refused> {
    faces.isEmpty ? .failure(Refused(value: .noFace)) : .success(faces)
  }

  private func choose(_ faces: [LocatedFace]) -> Result<[LocatedFace], Refused> {
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

  private func objection(to face: LocatedFace) -> Refusal? {
    options.quality.objection(to: face.detection.quality)
  }
}

extension QualityLimits {
  /// Why a face is not to be enrolled; nil when it is good enough.
  func objection(to quality: FaceQuality) -> Refusal? {
    if quality.size < minimumSize { return .tooSmall(size: quality.size, minimum: minimumSize) }
    if quality.sharpness < minimumSharpness {
      return .blurred(sharpness: quality.sharpness, minimum: minimumSharpness)
    }
    if abs(quality.yaw) > maximumYaw { return .turned(yaw: abs(quality.yaw), maximum: maximumYaw) }
    return nil
  }
}
