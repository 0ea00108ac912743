internal import GalleryStore
internal import Synchronization
internal import VectorIndex

extension Gallery {
  /// On so many faces the index's recall is measured unless told otherwise.
  public static let standardRecallSample = 100

  /// Reads everything and says what is wrong: every record and its checksum, every reference in both directions, the
  /// length of every vector, the change log; checksums, structure and contents of the index, and its recall on a sample.
  ///
  /// A repair rebuilds what is derived from the records of people and faces: tables that list them, the change
  /// log, the index. It takes nothing away but what belongs to nobody. Others may use the gallery meanwhile.
  ///
  /// - Parameters:
  ///   - repair: Whether to remedy what can be repaired.
  ///   - recallSample: Faces to look up exactly and through the graph; 0 for none.
  ///   - progress: Called with the number of faces read and of all.
  /// - Throws: ``GalleryError``: `damaged` when the database itself cannot be read, `readOnly` for a repair.
  /// - Complexity: O(*n*), and *recallSample* exact scans.
  public func check(
    repair: Bool = false, recallSample: Int = Gallery.standardRecallSample,
    progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> HealthReport {
    try perform { session in
      if repair, options.access == .readOnly { throw GalleryError.notWritable }
      var report = try session.store.check(repair: repair, progress: progress)
      let isRepaired = report.findings.contains(where: \.isRepaired)
      if isRepaired || repair && report.withoutChecksum > 0 { session.saver.didCommit() }
      if isRepaired {
        // A log that was begun anew has left the snapshot behind.
        _ = try rebuildIndex(session)
      }
      if let finding = try checkIndex(session, recallSample: recallSample, &report) {
        report.findings.append(finding)
        if repair, try rebuildIndex(session),
          try checkIndex(session, recallSample: recallSample, &report) == nil
        {
          report.findings[report.findings.count - 1].isRepaired = true
        }
      }
      try Self.checkAudit(session, &report)
      return report
    }
  }

  /// Reads every line of the audit log.
  private static func checkAudit(_ session: Session, _ report: inout HealthReport) throws {
    // What the store notes of it is damaged.
    if report.findings.contains(where: { $0.part == .audit }) { return }
    let audit = try session.store.verifyAudit { _ in }
    report.remarks += audit.remarks
    guard let first = audit.problems.first else { return }
    let message = first.message.hasSuffix(".") ? String(first.message.dropLast()) : first.message
    report.findings.append(
      HealthReport.Finding(
        part: .audit, message: message, count: audit.problems.count, remedy: .beginAudit))
  }

  /// Builds and saves the index; false when stored vectors cannot be in one, which the report says already.
  private func rebuildIndex(_ session: Session) throws -> Bool {
    do {
      try session.keeper.rebuild(progress: nil)
      try session.saver.save(replacing: true)
      return true
    } catch is IndexError {
      return false
    }
  }

  /// Checks the index; nil when there is none, or when it is sound.
  private func checkIndex(
    _ session: Session, recallSample: Int, _ report: inout HealthReport
  ) throws -> HealthReport.Finding? {
    let (store, keeper) = (session.store, session.keeper)
    func finding(_ problem: String) -> HealthReport.Finding {
      HealthReport.Finding(part: .index, message: problem, remedy: .rebuildIndex)
    }
    try keeper.open()
    let state = keeper.snapshotStatus
    switch state.state {
    case .damaged, .foreign, .tooNew: return finding(state.problem ?? "the snapshot cannot be used")
    case .unreadable:
      report.remarks.append(
        "The saved index was not checked: \(keeper.snapshot.path) cannot be read: permission denied. One was made from the embeddings instead."
      )
    // As a process leaves it that is killed between a change and the saving of its index.
    case .tooOld:
      report.remarks.append(
        "The saved index is from before the change log begins. Nothing is damaged: it is built anew when it is next needed, and "
          + "answers are exact meanwhile.")
    case .current, .behind, .missing: break
    }
    guard let opened = keeper.view else { return nil }
    do {
      try opened.index.verify()
      try keeper.catchUp()
      guard let view = keeper.view else { return nil }
      report.links = try view.index.checkInvariants().links
      // Another thread or process may have gone on; then the two cannot be compared.
      let difference = try store.read(ahead: true) { snapshot -> String? in
        guard try snapshot.counters().sequence == view.sequence,
          keeper.view?.sequence == view.sequence
        else { return nil }
        return try Self.difference(between: view.index, and: snapshot)
      }
      if let difference { return finding(difference) }
      if recallSample > 0, view.index.count > 0 {
        return try Self.checkRecall(of: view.index, sample: recallSample, &report).map(finding)
      }
      return nil
    } catch let error as IndexError {
      return finding(error.description)
    }
  }

  /// Less than this share of true neighbours found is worth a word.
  private static let leastRecall = 0.9

  /// Measures the recall; a problem when the graph is broken.
  ///
  /// Vectors that are like no others, as random ones are, have neighbours that are hardly nearer than the rest: a sound graph
  /// finds fewer of them at the usual width, and more the wider the search. A broken one does not, however wide it is: faces
  /// are out of reach.
  static func checkRecall(
    of index: HNSWIndex, sample: Int, _ report: inout HealthReport
  ) throws -> String? {
    let usual = try index.measureRecall(sample: sample, k: 10)
    report.recall = usual.recall
    guard usual.recall < leastRecall else { return nil }
    let found = "the index finds \(Int(usual.recall * 100)) % of the nearest faces"
    var ef = usual.ef
    while ef < index.count {
      ef = min(2 * ef, index.count)
      guard try index.measureRecall(sample: sample, k: 10, ef: ef).recall >= leastRecall else { continue }
      report.remarks.append(
        "With the usual width, \(usual.ef), \(found): these faces are hardly more like their neighbours than like others. "
          + "Nothing is damaged; a query of width (ef) \(ef) finds \(Int(leastRecall * 100)) % or more, an exact one all."
      )
      return nil
    }
    return "\(found), however widely it is searched"
  }

  /// How the index differs from the stored vectors; nil when it holds exactly those.
  static func difference(between index: HNSWIndex, and snapshot: borrowing Snapshot) throws -> String? {
    var stored = 0
    var problem: String?
    try snapshot.forEachVector(from: 0) { face, bytes in
      stored += 1
      if try index.vector(for: face) != VectorBytes.decode(bytes) {
        problem = "face \(face) is not in the index as it is stored"
      }
      return problem == nil
    }
    if problem == nil, index.count != stored { problem = "the index holds faces that were removed" }
    return problem
  }
}

extension Gallery {
  /// Reads everything and checks it: records, references, unit lengths, the change log, the graph of the index
  /// and that it holds exactly the stored faces.
  ///
  /// An index whose snapshot is damaged is built anew and then checked: the store has lost nothing by it, and
  /// ``GalleryInfo/snapshot`` tells. ``check(repair:recallSample:progress:)`` reports all that is wrong.
  ///
  /// - Throws: ``GalleryError`` with code `damaged` that names the first thing that is wrong.
  /// - Complexity: O(*n*).
  public func checkInvariants() throws(GalleryError) {
    try perform { session in
      let (store, keeper) = (session.store, session.keeper)
      if let trouble = try store.check(repair: false, progress: nil).firstTrouble {
        throw GalleryError.damaged(
          trouble.message, remedy: trouble.isRepairable ? "a repair corrects it" : "restore it from a backup")
      }
      try keeper.catchUp()
      try keeper.withSoundIndex {
        try store.read { snapshot in
          guard let view = keeper.view else { return }
          try view.index.checkInvariants()
          let counters = try snapshot.counters()
          // Another thread or process may have gone on; then the two cannot be compared.
          guard view.sequence == counters.sequence, keeper.view?.sequence == view.sequence else { return }
          if let difference = try Self.difference(between: view.index, and: snapshot) {
            throw GalleryError.damaged(difference, remedy: "rebuild the index")
          }
        }
      }
    }
  }
}
