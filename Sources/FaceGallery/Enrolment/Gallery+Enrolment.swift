public import FaceEngine
public import GalleryStore

/// A photo whose face was found and embedded, or refused, and is not stored yet; see ``Gallery/prepare(_:as:at:options:)``.
public struct PreparedEnrolment: Sendable {
  let outcomes: [Preparation.Outcome]
}

extension Gallery {
  /// Adds the face that a photo shows to a person, who is made when nobody has the name.
  ///
  /// A photo that the person has already is recognised by its digest and skipped. A photo may be added under
  /// several names when it shows several people; the same face of it only under one.
  ///
  /// - Parameters:
  ///   - photo: A photo of the person.
  ///   - name: The person's name, 1…500 bytes of UTF-8 after trimming; normalised to Unicode form C.
  ///   - box: Where the face is, in pixels of the upright photo, for one that the detector misses; nil lets it look. See ``NamedPhoto/box``.
  ///   - options: How faces are looked for, chosen and judged.
  /// - Returns: Whether the photo was added, skipped or refused, and why. What was added is on disk.
  /// - Throws: ``GalleryError`` when the gallery, not the photo, is in trouble: `invalidName`, `engineNeeded`,
  ///   `engineMismatch`, `readOnly`, `diskFull`, …
  public func add(
    _ photo: Photo, as name: String, at box: PixelRect? = nil, options: EnrolmentOptions = EnrolmentOptions()
  ) throws(GalleryError) -> PhotoReport {
    try add(prepare(photo, as: name, at: box, options: options))
  }

  /// Does what ``add(_:as:at:options:)`` does but for storing, which may have to wait for another writer: reads the photo, and
  /// finds, judges and embeds the face.
  ///
  /// - Parameter name: The person's name; nil keeps the faces without a name.
  /// - Returns: What ``add(_:)->PhotoReport`` takes; it holds no pixels of the photo but thumbnails that are to be kept.
  /// - Throws: As ``add(_:as:at:options:)``.
  public func prepare(
    _ photo: Photo, as name: String?, at box: PixelRect? = nil, options: EnrolmentOptions = EnrolmentOptions()
  ) throws(GalleryError) -> PreparedEnrolment {
    var text: String?
    if let name { text = try PersonName(name).text }
    let item = NamedPhoto(photo, name: text, box: box)
    return PreparedEnrolment(outcomes: try Preparation(gallery: self, options: options).prepare([item]))
  }

  /// Stores what was prepared.
  ///
  /// - Returns: Whether the photo was added, skipped or refused, and why. What was added is on disk.
  /// - Throws: As ``add(_:as:at:options:)``.
  public func add(_ prepared: PreparedEnrolment) throws(GalleryError) -> PhotoReport {
    guard let report = try finish(prepared.outcomes).first else {
      throw GalleryError.damaged("an enrolment gave no report")
    }
    return report
  }

  /// Adds an embedding to a person, who is made when nobody has the name.
  ///
  /// - Returns: The new face; it is on disk.
  /// - Throws: ``GalleryError``: `invalidName`, `invalidEmbedding`, `engineNeeded` for the first embedding of
  ///   a gallery that was opened without an engine and without a fingerprint, `engineMismatch`, …
  public func add(_ embedding: Embedding, as name: String) throws(GalleryError) -> FaceID {
    let name = try PersonName(name)
    return try write { [identity] writer in
      try writer.settleEngine(identity)
      return try writer.add(embedding, as: name)
    }
  }

  /// Adds embeddings in one transaction: all of them, or, when this throws, none.
  ///
  /// - Returns: The new faces in the order of the embeddings; they are on disk.
  /// - Throws: As for one embedding.
  public func add(_ embeddings: [(name: String, embedding: Embedding)]) throws(GalleryError) -> [FaceID] {
    var items: [(name: PersonName?, embedding: Embedding)] = []
    for (name, embedding) in embeddings { items.append((try PersonName(name), embedding)) }
    return try enrol(items)
  }

  /// Adds embeddings of people whose names are not known yet, to be grouped by ``cluster(options:progress:)``: all of
  /// them, or, when this throws, none.
  ///
  /// - Returns: The new faces in the order of the embeddings; they are on disk.
  /// - Throws: As for one embedding.
  public func addUnnamed(_ embeddings: [Embedding]) throws(GalleryError) -> [FaceID] {
    try enrol(embeddings.map { (nil, $0) })
  }

  private func enrol(
    _ items: [(name: PersonName?, embedding: Embedding)]
  ) throws(GalleryError) -> [FaceID] {
    guard !items.isEmpty else { return [] }
    return try write { [identity] writer in
      try writer.settleEngine(identity)
      return try items.map { try writer.add($0.embedding, as: $0.name) }
    }
  }

  /// Commits what is ready of some photos, and returns the reports in the photos' order.
  func finish(_ outcomes: [Preparation.Outcome]) throws(GalleryError) -> [PhotoReport] {
    let outcomes = try outcomes.map { outcome throws(GalleryError) in try weighed(outcome) }
    let ready = outcomes.compactMap { if case .ready(let photo) = $0 { photo } else { nil } }
    var committed = try commit(ready).makeIterator()
    return outcomes.compactMap { outcome in
      switch outcome {
      case .finished(let report): report
      case .ready: committed.next()
      }
    }
  }

  /// A photo with what speaks against its name; refused, when that is asked for.
  private func weighed(_ outcome: Preparation.Outcome) throws(GalleryError) -> Preparation.Outcome {
    guard case .ready(var photo) = outcome, photo.replaces.count < 2 else { return outcome }
    photo.doubts = try doubts(about: photo)
    guard photo.refusesDoubtful, let doubt = photo.doubts.first else { return .ready(photo) }
    return .finished(
      PhotoReport(
        photo: photo.label, name: photo.name?.text, person: nil, outcome: .refused(.doubtful(doubt))))
  }

  /// Stores prepared photos in one transaction and reports on each.
  private func commit(_ photos: [PreparedPhoto]) throws(GalleryError) -> [PhotoReport] {
    guard !photos.isEmpty else { return [] }
    let replaced = photos.flatMap(\.replaces)
    return try write { writer in
      try writer.forgetRemoved(like: replaced)
      try writer.settleEngine(identity)
      return try photos.map { photo in
        var report = try photo.replaces.isEmpty ? writer.enrol(photo) : writer.replaceFaces(by: photo)
        report.remarks = photo.remarks
        if case .added = report.outcome { report.doubts = photo.doubts }
        return report
      }
    }
  }
}
