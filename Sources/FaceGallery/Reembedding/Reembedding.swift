internal import FaceEngine
internal import Foundation
internal import GalleryStore
internal import Imaging
internal import Support

/// One change of a gallery to another engine: embeds every face again, then switches in one transaction.
struct Reembedding {
  /// A photo and its faces that have no new embedding yet.
  private struct Pending: Sendable {
    let digest: PhotoDigest
    var paths: [String] = []
    var faces: [(id: FaceID, record: StoredFace)] = []
  }

  private enum Outcome: Sendable {
    case notFound
    case read([(face: FaceID, record: StoredFace, result: Result<Embedding, Unusable>)])
  }

  private struct Unusable: Error {
    let reason: String
    var cause = ReembeddingReport.MissingFace.Cause.photo
  }

  let session: Session
  let folder: URL
  let engine: any EmbeddingEngine
  let options: ReembeddingOptions
  let progress: ((ReembeddingProgress) -> Void)?
  private var locator: PhotoLocator
  private var hasReadAll = false
  private var report = ReembeddingReport()
  private var missing: [UInt64: (record: StoredFace, why: Unusable)] = [:]

  init(
    session: Session, folder: URL, engine: any EmbeddingEngine, options: ReembeddingOptions,
    progress: ((ReembeddingProgress) -> Void)?
  ) throws(GalleryError) {
    (self.session, self.folder, self.engine) = (session, folder, engine)
    (self.options, self.progress) = (options, progress)
    locator = try PhotoLocator(options.photos, takesFoldersAsGone: options.takesFoldersAsGone)
  }

  mutating func run() throws -> ReembeddingReport {
    let stage = try Stores.stage(in: folder, of: session.store.uuid, for: engine.fingerprint)
    report.resumed = try stagedCount(stage)
    let identity = EngineIdentity(
      fingerprint: engine.fingerprint, operatingPoint: engine.operatingPoint, engine: engine.specification)
    // Faces that others add meanwhile with the old engine are embedded in another round.
    while true {
      try embedPending(stage)
      report.missing = try missingFaces()
      let causes = Set(report.missing.map(\.cause))
      // Of what the system does not let be looked at nobody knows whether it is missing.
      if causes.contains(.system) || causes.contains(.photo) && !options.dropsMissing
        || causes.contains(.unfound) && !options.dropsUnfound
      {
        return report
      }
      guard let dropped = try switchEngine(to: identity, from: stage) else { continue }
      report.dropped = dropped
      report.isSwitched = true
      return report
    }
  }

  /// Puts the staged vectors in the place of the stored ones, in one transaction.
  ///
  /// - Returns: How many faces were removed because they are missing; nil, with nothing done, when there is a face that is
  ///   neither staged nor known to be missing.
  private func switchEngine(to identity: EngineIdentity, from stage: any EmbeddingStage) throws -> Int? {
    try session.store.write { writer in
      try stage.read { staged in
        var dropped: [FaceID] = []
        var isComplete = true
        try writer.forEachFace { face, record in
          if try staged(face, record) != nil { return true }
          isComplete = missing[face.rawValue] != nil
          dropped.append(face)
          return isComplete
        }
        guard isComplete else { return nil }
        for face in dropped { try writer.remove(face) }
        try writer.replaceVectors(of: identity) { face, record in
          guard let vector = try staged(face, record) else {
            throw GalleryError.damaged("face \(face) has no vector")
          }
          return vector
        }
        return dropped.count
      }
    }
  }

  private func stagedCount(_ stage: any EmbeddingStage) throws -> Int {
    try session.store.read { snapshot in
      try stage.read { staged in
        var count = 0
        try snapshot.forEachFace { face, record in
          if try staged(face, record) != nil { count += 1 }
          return true
        }
        return count
      }
    }
  }

  private mutating func embedPending(_ stage: any EmbeddingStage) throws {
    missing = [:]
    var pending = try pending(stage)
    let canReadAll = locator.hasFiles && !hasReadAll
    pending = try embed(pending, stage, isLast: !canReadAll)
    if !pending.isEmpty, canReadAll {
      let progress = progress
      locator.readAll { done, total in
        progress?(ReembeddingProgress(phase: .searching, done: done, total: total))
      }
      hasReadAll = true
      pending = try embed(pending, stage, isLast: true)
    }
    for photo in pending {
      for (face, record) in photo.faces {
        missing[face.rawValue] = (record, Unusable(reason: "The photo was not found."))
      }
    }
  }

  /// The photos whose faces have no new embedding, in the order of their oldest faces.
  private mutating func pending(_ stage: any EmbeddingStage) throws -> [Pending] {
    var photos: [Pending] = []
    var places: [PhotoDigest: Int] = [:]
    var without: [UInt64: (record: StoredFace, why: Unusable)] = [:]
    try session.store.read { snapshot in
      try stage.read { staged in
        try snapshot.forEachFace { face, record in
          if try staged(face, record) != nil { return true }
          guard let digest = record.photo, record.detection != nil else {
            let reason = "The face was added as an embedding, without a photo."
            without[face.rawValue] = (record, Unusable(reason: reason))
            return true
          }
          let place = places[digest] ?? photos.count
          if place == photos.count {
            places[digest] = place
            photos.append(Pending(digest: digest))
          }
          photos[place].faces.append((face, record))
          if let path = record.path, !photos[place].paths.contains(path) { photos[place].paths.append(path) }
          return true
        }
      }
    }
    missing = without
    return photos
  }

  /// Embeds the faces of the photos that are found, and returns the other photos.
  ///
  /// - Parameter isLast: Whether photos that could not be read where they were are looked for nowhere else.
  private mutating func embed(
    _ photos: [Pending], _ stage: any EmbeddingStage, isLast: Bool
  ) throws -> [Pending] {
    let (engine, locator, decoder) = (engine, locator, options.decoder)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let pipeline = OrderedPipeline(count: photos.count, window: 8 * cores) { index in
      Self.embed(photos[index], engine, locator, decoder, isLast: isLast)
    }
    var notFound: [Pending] = []
    var done = 0
    try pipeline.run(threads: min(cores, engine.concurrency) + 1, maximumBatch: 8 * cores) { outcomes in
      var entries: [StagedEmbedding] = []
      for outcome in outcomes {
        switch outcome {
        case .notFound: notFound.append(photos[done])
        case .read(let faces):
          for (face, record, result) in faces {
            switch result {
            case .success(let embedding):
              entries.append(StagedEmbedding(face: face, record: record, embedding: embedding))
            case .failure(let unusable):
              missing[face.rawValue] = (record, unusable)
            }
          }
        }
        done += 1
      }
      try stage.put(entries)
      report.embedded += entries.count
      progress?(ReembeddingProgress(phase: .embedding, done: done, total: photos.count))
    }
    return notFound
  }

  private static func embed(
    _ photo: Pending, _ engine: any EmbeddingEngine, _ locator: PhotoLocator, _ decoder: ImageDecoder,
    isLast: Bool
  ) -> Outcome {
    func unusable(_ reason: String, _ cause: ReembeddingReport.MissingFace.Cause) -> Outcome {
      .read(photo.faces.map { ($0.id, $0.record, .failure(Unusable(reason: reason, cause: cause))) })
    }
    let picture: ReducedImage
    switch locator.photo(photo.digest, paths: photo.paths) {
    case .nowhere: return .notFound
    case .failed(let reason): return isLast ? unusable(reason, .system) : .notFound
    case .found(let loaded):
      do {
        picture = try loaded.picture(decoder)
      } catch {
        // It was decoded once: but for damage, this machine or its limits are in the way.
        let isDamaged = [.corrupt, .truncated, .notAnImage, .empty].contains(error.code)
        return unusable(error.message, isDamaged ? .photo : .system)
      }
    }
    return .read(
      photo.faces.map { id, record in
        guard let detection = record.detection else { return (id, record, .failure(Unusable(reason: ""))) }
        do throws(EngineError) {
          let place = detection.scaled(by: 1 / Double(picture.reduction))
          let embeddings = try engine.embed([place], in: picture.image)
          guard let embedding = embeddings.first, embedding.dimension == engine.fingerprint.dimension else {
            let reason = "The engine gave no embedding of the face."
            return (id, record, .failure(Unusable(reason: reason, cause: .unfound)))
          }
          return (id, record, .success(embedding))
        } catch {
          // The engine's own judgement, or the machine's lack of something.
          let cause: ReembeddingReport.MissingFace.Cause = error.code == .invalidInput ? .unfound : .system
          return (id, record, .failure(Unusable(reason: error.message, cause: cause)))
        }
      })
  }

  private func missingFaces() throws -> [ReembeddingReport.MissingFace] {
    try session.store.read { snapshot in
      try missing.sorted { $0.key < $1.key }.map { face, entry in
        let name = try snapshot.personRecord(entry.record.person)?.name
        return ReembeddingReport.MissingFace(
          face: FaceID(rawValue: face), person: name == nil ? nil : entry.record.person, name: name,
          path: entry.record.path, reason: entry.why.reason, cause: entry.why.cause)
      }
    }
  }
}
