internal import FaceEngine
internal import LMDB
internal import Synchronization
internal import VectorIndex

extension Gallery {
  /// Reads everything and says what is wrong: every record and its checksum, every reference in both directions, the
  /// length of every vector, the change log; checksums, structure and contents of the index, and its recall on a sample.
  ///
  /// A repair rebuilds what is derived from the records of people and faces: tables that list them, the change
  /// log, the index. It takes nothing away but what belongs to nobody. Others may use the gallery meanwhile.
  ///
  /// - Parameters:
  ///   - repair: Whether to repair what can be repaired.
  ///   - recallSample: Faces to look up exactly and through the graph; 0 for none.
  ///   - progress: Called with the number of faces read and of all.
  /// - Throws: ``GalleryError``: `damaged` when the database itself cannot be read, `readOnly` for a repair.
  /// - Complexity: O(*n*), and *recallSample* exact scans.
  public func check(
    repair: Bool = false, recallSample: Int = 100, progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> HealthReport {
    try perform { session in
      if repair, !session.keeper.canSave { throw LMDBError.notWritable }
      var report = try checkStore(session, repair: repair, progress: progress)
      if report.findings.contains(where: \.isRepaired) {
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
      return report
    }
  }

  /// Builds and saves the index; false when stored vectors cannot be in one, which the report says already.
  private func rebuildIndex(_ session: Session) throws -> Bool {
    do {
      try session.keeper.rebuild(progress: nil)
      try session.keeper.save(replacing: true)
      return true
    } catch is IndexError {
      return false
    }
  }

  private func checkStore(
    _ session: Session, repair: Bool, progress: ((Int, Int) -> Void)?
  ) throws -> HealthReport {
    let store = session.store
    let (report, needsRepair) = try store.environment.read(ahead: true) { transaction in
      let total = try transaction.count(of: store.tables.faces)
      var check = StoreCheck(store) { progress?(min($0, total), total) }
      try check.run(transaction)
      return (check.report, !check.fixes.isEmpty || check.report.withoutChecksum > 0)
    }
    guard repair, needsRepair else { return report }
    // Once more as the writer: what is repaired is what is there now.
    let repaired = try store.write { transaction, log in
      var check = StoreCheck(store)
      try check.run(transaction)
      for fix in check.fixes { try fix.apply(store, transaction, &log) }
      if check.report.withoutChecksum > 0 {
        try store.addChecksums(except: check.doubtful, transaction)
      }
      var report = check.report
      for place in report.findings.indices where report.findings[place].isRepairable {
        report.findings[place].isRepaired = true
      }
      return report
    }
    session.keeper.didCommit()
    return repaired
  }

  /// Checks the index; nil when there is none, or when it is sound.
  private func checkIndex(
    _ session: Session, recallSample: Int, _ report: inout HealthReport
  ) throws -> HealthReport.Finding? {
    let (store, keeper) = (session.store, session.keeper)
    func finding(_ problem: String) -> HealthReport.Finding {
      HealthReport.Finding(
        part: .index, message: problem, count: 1,
        remedy: "galleryctl check --repair builds it anew; answers are exact meanwhile", isRepairable: true)
    }
    try keeper.load()
    let state = keeper.state.withLock { $0.snapshot }
    switch state.state {
    case .damaged, .foreign, .tooNew, .tooOld: return finding(state.problem ?? "the snapshot cannot be used")
    case .current, .behind, .missing: break
    }
    guard let opened = keeper.view else { return nil }
    do {
      try opened.index.verify()
      try keeper.catchUp()
      guard let view = keeper.view else { return nil }
      report.links = try view.index.checkInvariants().links
      // Another thread or process may have gone on; then the two cannot be compared.
      let difference = try store.environment.read(ahead: true) { transaction -> String? in
        guard try store.counters(transaction).sequence == view.sequence,
          keeper.view?.sequence == view.sequence
        else { return nil }
        return try Self.difference(between: view.index, and: store, transaction)
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
          + "Nothing is damaged; a query of width \(ef) (--ef \(ef)) finds \(Int(leastRecall * 100)) % or more, an exact one all."
      )
      return nil
    }
    return "\(found), however widely it is searched"
  }

  /// How the index differs from the stored vectors; nil when it holds exactly those.
  static func difference(
    between index: HNSWIndex, and store: Store, _ transaction: borrowing ReadTransaction
  ) throws -> String? {
    var stored = 0
    var problem: String?
    try transaction.scan(store.tables.vectors) { face, bytes in
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
