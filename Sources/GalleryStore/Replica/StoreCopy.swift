internal import FaceEngine
package import Foundation

/// Copies a gallery from a folder to PostgreSQL, or back: with all numbers, the log and what removals keep, to the last byte of each record.
///
/// A copy that was interrupted goes on. Nobody can open it before everything is there, and was compared with the source.
package struct StoreCopy {
  /// What was copied.
  package struct Report: Sendable {
    package let people: Int
    package let faces: Int
    package let sequence: UInt64
  }

  /// Faces that are committed at a time.
  private let stretchLength: Int
  /// Called with the number of faces copied, or compared, and of all; what it throws ends the copying.
  private let progress: (_ isCompared: Bool, Int, Int) throws -> Void

  private static let pageLength = 1_000

  package init(
    stretchLength: Int = 10_000,
    progress: @escaping (_ isCompared: Bool, Int, Int) throws -> Void = { _, _, _ in }
  ) {
    self.stretchLength = stretchLength
    self.progress = progress
  }

  /// Copies a gallery.
  ///
  /// - Throws: ``GalleryError``: `invalidArgument` where source and target are of one kind, there is something at the target, or something would be
  ///   lost; `damaged` when the copy is not what the source holds.
  package func run(from source: URL, to target: URL) throws -> Report {
    switch (Stores.isServer(source), Stores.isServer(target)) {
    case (true, false): return try copy(PostgresStore(at: source, access: .readOnly), toFolder: target)
    case (false, true): return try copy(LMDBStore(at: source, access: .readOnly), toServer: target)
    case (false, false):
      throw GalleryError(
        .invalidArgument,
        "Both places are folders: copy a gallery from one to another by `galleryctl backup`.")
    case (true, true):
      throw GalleryError(
        .invalidArgument,
        "Both places are in PostgreSQL: copy the schema by `pg_dump`, or into a folder and from there.")
    }
  }

  private func different(_ parts: [StoreDigest.Part], _ place: String) -> GalleryError {
    GalleryError.damaged(
      "the copy at \(place) is not what the source holds (\(parts.map(\.rawValue).joined(separator: ", ")))",
      remedy: "remove it, and check the source")
  }

  // MARK: To a folder

  /// So often the copy follows a source that is changed meanwhile before it is compared.
  private static let attempts = 100

  private func copy(_ truth: PostgresStore, toFolder folder: URL) throws -> Report {
    let path = folder.path(percentEncoded: false)
    let local: LMDBStore
    if Stores.folder(at: folder).contents == .vacant {
      let state = ReplicaState(server: truth.place, isOnce: true)
      local = try LMDBStore(
        at: folder, access: .createIfMissing,
        head: GalleryHead(uuid: truth.uuid, created: truth.created, replica: state))
    } else {
      local = try LMDBStore(at: folder, access: .existing, head: GalleryHead())
      guard try local.replicaState()?.isOnce == true, local.uuid == truth.uuid else {
        throw GalleryError(
          .invalidArgument,
          "There is a gallery at \(path) already; name an empty folder, or one that is not there.")
      }
    }
    let total = try truth.view { Int($0.session.head.faces) }
    let copier = ReplicaCopier(local: local, truth: truth, stretchLength: stretchLength) {
      try progress(false, $0, max($0, total))
    }
    for _ in 0..<Self.attempts {
      guard let step = try copier.run() else { continue }
      // Both are read as they are after the same commit.
      let outcome = try truth.view { snapshot -> (own: StoreDigest, other: StoreDigest)? in
        guard try snapshot.mark() == step.mark else { return nil }
        let session = snapshot.session
        let source: Snapshot = PostgresSnapshot(session: session)
        let other = try StoreDigest(of: source) { try progress(true, $0, total) }
        return (try local.read { try StoreDigest(of: $0) }, other)
      }
      guard let (own, other) = outcome else { continue }
      let differences = own.differences(from: other)
      guard differences.isEmpty else { throw different(differences, path) }
      guard let state = try local.replicaState() else { break }
      guard try local.follow(from: state, { try $0.endReplica() }) else { continue }
      return Report(people: own.people, faces: own.faces, sequence: step.sequence)
    }
    throw GalleryError(
      .unavailable,
      "The gallery at \(truth.place) is changed so often that the copy was not compared; try again at a quieter time."
    )
  }

  // MARK: To a server

  private func copy(_ local: LMDBStore, toServer url: URL) throws -> Report {
    if try local.auditState().isOn {
      throw GalleryError(
        .invalidArgument,
        "The gallery keeps an audit log, which PostgreSQL does not: it would be lost. Switch it off by `galleryctl audit off` before."
      )
    }
    guard local.formatVersion.minor <= LMDBStore.version.minor else {
      throw GalleryError(
        .newerVersion,
        "The gallery was written by a newer program, and what this one does not know would be lost; use the newer one."
      )
    }
    if let state = try local.replicaState() {
      throw GalleryError(
        .invalidArgument,
        "\(local.path) is a copy that follows \(state.server); copy that one into a folder, and the folder from there."
      )
    }
    let target = try PostgresStore(
      at: url, filling: GalleryHead(uuid: local.uuid, created: local.created, replica: nil))
    return try local.view(ahead: true) { try fill(target, from: $0) }
  }

  private func fill(_ target: PostgresStore, from source: borrowing LMDBSnapshot) throws -> Report {
    let (counters, total) = (try source.counters(), try source.faceCount())
    let fingerprint = try source.fingerprint()
    var last: UInt64 = 0
    try target.fill { writer in
      last = try writer.lastCopied()
      // What was begun of another state is begun anew.
      if last == 0 || writer.notedCounters() != counters {
        try writer.beginFilling(counters, fingerprint)
        try writer.letPeopleComeLater()
        last = 0
      }
    }
    var count = 0
    while true {
      let faces = try stretch(after: last, source)
      guard let end = faces.last else { break }
      try target.fill { writer in
        for face in faces { try writer.put(face) }
        try writer.noteFilling(counters)
      }
      last = end.id.rawValue
      count += faces.count
      try progress(false, min(count, total), total)
    }
    let whole: Snapshot = source.again
    let own = try StoreDigest(of: whole)
    try target.fill { writer in
      try copyRest(to: writer, source)
      try writer.finishFilling(counters)
      let filled: Snapshot = PostgresSnapshot(session: writer.session)
      let other = try StoreDigest(of: filled) { try progress(true, $0, total) }
      let differences = own.differences(from: other)
      guard differences.isEmpty else { throw different(differences, target.place) }
    }
    return Report(people: own.people, faces: own.faces, sequence: counters.sequence)
  }

  private func stretch(after face: UInt64, _ source: borrowing LMDBSnapshot) throws -> [CopiedFace] {
    var faces: [CopiedFace] = []
    while faces.count < stretchLength {
      let length = min(Self.pageLength, stretchLength - faces.count)
      let page = try source.copiedFaces(after: faces.last?.id.rawValue ?? face, limit: length)
      faces += page
      if page.count < length { break }
    }
    return faces
  }

  /// Copies what is not of faces.
  private func copyRest(to writer: borrowing PostgresWriter, _ source: borrowing LMDBSnapshot) throws {
    var last: UInt64 = 0
    while true {
      let page = try source.copiedPeople(after: last, limit: Self.pageLength)
      for person in page { try writer.put(person) }
      guard page.count == Self.pageLength, let end = page.last else { break }
      last = end.id.rawValue
    }
    for removal in try source.removals() {
      try writer.put(removal)
      for id in try source.removedPeople(of: removal.number) {
        if let person = try source.removedPerson(id) { try writer.put(person, as: id) }
      }
      for id in try source.removedFaces(of: removal.number) {
        if let face = try source.removedFace(id) { try writer.put(face, as: id) }
      }
    }
    try writer.setFormerNames(source.formerNames())
    try writer.putEngine(source.operatingPoint(), source.engineSpecification())
    let counters = try source.counters()
    var sequence = counters.trimmed
    while sequence < counters.sequence {
      var changes: [(sequence: UInt64, change: Change)] = []
      try source.forEachChange(after: sequence, limit: Self.pageLength) { changes.append(($0, $1)) }
      guard let end = changes.last else { break }
      try writer.put(changes)
      sequence = end.sequence
    }
  }
}
