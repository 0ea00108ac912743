internal import Foundation
internal import LMDB
internal import Support
internal import Synchronization

extension LMDBStore {
  var auditFile: AuditFile { AuditFile(in: environment.path) }

  package func auditState() throws -> AuditState { AuditState(try view { try $0.auditHead() }) }

  package func setAudit(_ isOn: Bool) throws {
    try commit(settlesAudit: false) { writer in
      try writer.checkIsOwn()
      let (head, file) = (try writer.auditHead(), auditFile)
      guard isOn else {
        guard let head, head.isOn else { return }
        try file.settle(head, isLast: true)
        writer.log.auditNote = .end
        return
      }
      // Also where the file was moved away.
      guard file.isThere else {
        writer.log.auditNote = .begin
        return
      }
      guard let head else {
        throw GalleryError(
          .auditLog,
          "\(file.path) is there already, and the gallery notes no audit log; move it to a safe place first.")
      }
      try file.settle(head, isLast: true)
      if !head.isOn { writer.log.auditNote = .resume }
    }
  }

  package func noteInAudit(_ event: AuditEntry.Event, key: String?) throws {
    // A copy that follows a server has no audit log, but keys.
    try commit(settlesAudit: true) { $0.log.auditNote = .event(event, key: key) }
  }

  /// Appends the line of a change that is made.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog`.
  func append(_ head: AuditHead) throws {
    do {
      try auditFile.settle(head, isLast: false)
    } catch {
      throw GalleryError(
        .auditLog,
        "The change was made, and its line of the audit log is kept in the gallery, but cannot be written to the file yet: "
          + "\(error) Nothing more is changed until it is there.")
    }
  }

  /// Writes the line that a killed process has left to be written, if there is one, and notes that for reports; waits for nobody, and what is in
  /// the way is said when something is changed.
  func settleAudit() {
    guard let head = try? view({ try $0.auditHead() }), !auditFile.ends(in: head) else { return }
    try? auditFile.settle(head, isLast: false, patience: .zero)
    if head.number > 0, auditFile.ends(in: head) { settledLine.withLock { $0 = head.number } }
  }

  package func verifyAudit(_ body: (AuditEntry) throws -> Void) throws -> AuditReport {
    let before = try view { try $0.auditHead() }
    var report = AuditReport(AuditState(before))
    if let line = settledLine.withLock({ $0 }) {
      report.remarks.append(
        "Line \(line) was missing at the end of the file, or cut off, and was put back from the gallery when this program opened it: its writer was "
          + "killed, or somebody removed it.")
    }
    guard let before else {
      if auditFile.isThere {
        report.add(nil, "\(auditFile.path) is there, and the gallery notes no audit log.")
      }
      return report
    }
    guard auditFile.isThere else {
      report.add(nil, "\(auditFile.path) is gone, with \(before.number) lines.")
      return report
    }
    if let fault = auditFile.fault {
      report.add(nil, "\(auditFile.path) \(fault): it cannot be the audit log.")
      return report
    }
    guard InputFile.isReadable(auditFile.path) else {
      report.remarks.append(
        "The audit log was not checked: \(auditFile.path) cannot be read: permission denied.")
      return report
    }
    let start = before.start ?? AuditHead(of: uuid).sha256
    var last: AuditEntry?
    var isWhole = true
    try auditFile.forEachLine { bytes, isEnded in
      let number = (last?.number ?? 0) + 1
      // A line that is being written, or what a killed process has written of it.
      if !isEnded, number == before.number, Array(before.line.utf8).starts(with: bytes) { return false }
      guard isEnded, let entry = AuditLine.decode(bytes) else {
        report.add(number, "Line \(number) was altered.")
        isWhole = false
        return false
      }
      isWhole = report.check(entry, after: last, start: start)
      guard isWhole else { return false }
      report.lines = entry.number
      last = entry
      try body(entry)
      return true
    }
    guard isWhole else { return report }
    let after = try view { (try $0.auditHead(), try $0.counters().sequence) }
    report.compare(last, with: before, now: after.0 ?? before, sequence: after.1)
    return report
  }
}

extension AuditReport {
  fileprivate mutating func add(_ line: Int?, _ message: String) {
    problems.append(Problem(line: line, message: message))
  }

  /// Checks how a line goes on from the one before; false when it does not.
  fileprivate mutating func check(_ entry: AuditEntry, after last: AuditEntry?, start: String) -> Bool {
    let number = (last?.number ?? 0) + 1
    guard entry.number == number else {
      add(
        number,
        "Where line \(number) should be is line \(entry.number): lines were taken out, added or moved.")
      return false
    }
    guard entry.previous == last?.sha256 ?? start else {
      add(number, "Line \(number) does not follow the one before it, which was changed or replaced.")
      return false
    }
    // A restored backup has the numbers of another moment.
    guard let last, last.event != .off, entry.event != .restoration, entry.after != last.through else {
      return true
    }
    add(
      number,
      "Before line \(number), changes \(last.through + 1) to \(entry.after) are in no line: a program made them that keeps no audit log."
    )
    return true
  }

  /// Compares the end of the file with what the gallery notes.
  ///
  /// - Parameters:
  ///   - before: The head before the file was read.
  ///   - now: The head after.
  fileprivate mutating func compare(
    _ last: AuditEntry?, with before: AuditHead, now: AuditHead, sequence: UInt64
  ) {
    let count = last?.number ?? 0
    if count == before.number - 1, !before.line.isEmpty {
      remarks.append(
        "Line \(before.number), up to change \(before.through), is not in the file yet: it is being written, or its writer was killed. The gallery "
          + "has it, and the next program that opens the gallery for changes writes it.")
    } else if count < before.number {
      add(
        count + 1,
        "Lines \(count + 1) to \(before.number), up to change \(before.through), are missing at the end.")
    } else if count > now.number {
      add(now.number + 1, "The file has \(count) lines, and the gallery knows of \(now.number).")
    } else if count == before.number, last?.sha256 != before.sha256 {
      add(count, "The last line is not the one that the gallery notes.")
    }
    if now.isOn, sequence != now.through {
      add(
        nil,
        "Changes \(now.through + 1) to \(sequence) are in no line: a program made them that keeps no audit log."
      )
    }
  }
}

extension LMDBReading where Self: ~Copyable {
  /// What is noted of the audit log; nil where there never was one.
  func auditHead() throws -> AuditHead? {
    guard let bytes = try value(for: MetaKey.audit, in: tables.meta) else { return nil }
    return try decoding("what is noted of the audit log") {
      try SealedJSON.decode(AuditHead.self, from: bytes)
    }
  }
}

extension LMDBWriter {
  /// Makes sure that the file has every line so far, before anything is changed.
  func settleAudit() throws {
    guard let head = try auditHead(), head.isOn else { return }
    try store.auditFile.settle(head, isLast: true)
  }

  /// Notes the line of what was changed.
  ///
  /// - Returns: The head that has it; nil when there is none, or nothing to be noted.
  func noteAudit() throws -> AuditHead? {
    guard let note = log.auditNote else { return nil }
    var head = try auditHead() ?? AuditHead(of: store.uuid)
    let event: AuditEntry.Event
    var key: String?
    switch note {
    case .begin: (head, event) = (AuditHead(of: store.uuid), .on)
    case .resume: event = .on
    case .end: event = .off
    case .event(let other, let name): (event, key) = (other, name)
    case .change: event = .change
    }
    guard head.isOn || event == .on else { return nil }
    return try append(event, key: key, to: head)
  }

  /// Notes another line after a head.
  func append(_ event: AuditEntry.Event, key: String? = nil, to head: AuditHead) throws -> AuditHead {
    let faces = try count(of: tables.faces)
    let people = try count(of: tables.personsByName)
    var entry = AuditEntry(
      number: head.number + 1, origin: AuditOrigin.current ?? .ofProcess, event: event,
      after: log.before.sequence, through: log.counters.sequence, totalFaces: faces, totalPeople: people,
      previous: head.sha256)
    entry.note(log)
    entry.key = key
    let next = try head.appending(entry)
    try put(try SealedJSON.encode(next), for: MetaKey.audit, in: tables.meta)
    return next
  }
}

extension LMDBFolder {
  /// Takes what is noted of the audit log out of a copy, which has no such file.
  func endAudit() throws {
    do {
      let (environment, tables) = try LMDBStore.open(path, access: .existing)
      try environment.write { _ = try $0.remove(MetaKey.audit, from: tables.meta) }
    }
    removeLocks()
  }

  func continueAudit(in copy: String, _ event: AuditEntry.Event) throws {
    guard let head = try lastAuditHead() else { return }
    do {
      let store = try LMDBStore(at: URL(filePath: copy, directoryHint: .isDirectory), access: .existing)
      try store.environment.write { transaction in
        let log = try store.begin(transaction)
        let writer = LMDBWriter(store: store, raw: transaction.raw, log: log)
        if head.isOn {
          _ = try writer.append(event, to: head)
        } else {
          try writer.put(try SealedJSON.encode(head), for: MetaKey.audit, in: store.tables.meta)
        }
      }
    }
    LMDBFolder(path: copy).removeLocks()
  }

  /// The head with which the audit log of the gallery goes on; nil when it keeps none. Of a gallery whose database is lost it is made of the
  /// file.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` when the file is not what was written.
  private func lastAuditHead() throws -> AuditHead? {
    let file = AuditFile(in: path)
    guard let noted = try noted() else {
      guard let (first, last) = try file.firstAndLast() else { return nil }
      return AuditHead(after: last, start: first.previous)
    }
    guard var head = noted.head else { return nil }
    if head.isOn {
      try file.settle(head, isLast: true)
    } else {
      // Of a log that is off, the file is looked at when it is switched on.
      try? file.settle(head, isLast: true)
    }
    head.start = head.start ?? AuditHead(of: noted.uuid).sha256
    return head
  }

  /// What the gallery here notes of its audit log, and its UUID; nil when its database is lost.
  private func noted() throws -> (head: AuditHead?, uuid: UUID)? {
    do {
      let (environment, tables) = try LMDBStore.open(path, access: .readOnly)
      let (uuid, _, _) = try LMDBStore.head(of: environment, tables, path)
      let bytes = try environment.read { try $0.value(for: MetaKey.audit, in: tables.meta) }
      guard let bytes else { return (nil, uuid) }
      return (try SealedJSON.decode(AuditHead.self, from: bytes), uuid)
    } catch {
      let known = error as? GalleryError ?? GalleryError(ofStore: error)
      // It is there, and may be read in a while.
      if let known, [GalleryError.Code.inUse, .permissionDenied, .replaced].contains(known.code) {
        throw error
      }
      return nil
    }
  }
}
