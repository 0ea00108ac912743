internal import FaceEngine
package import Foundation

// What is removed is kept for a day in the store itself, and removed and brought back in one transaction each.

extension GalleryError {
  /// The error for a part of what is kept for undo that is not what was written.
  static func damagedRemoval(_ what: String) -> GalleryError {
    GalleryError(
      .damaged, "What is kept for undo is damaged: \(what) cannot be read; a check that repairs forgets it.")
  }
}

extension StoreWriter where Self: ~Copyable {
  /// Removes people with all their faces, and faces, and says how many there were, and the number under which they are kept.
  ///
  /// Of a face that was removed before, and is the same, only the last removal keeps anything.
  ///
  /// - Parameter keeping: Whether it can be undone. Else what earlier removals keep of them is forgotten as well.
  /// - Throws: ``GalleryError``: `noSuchPerson`, `noSuchFace`.
  @discardableResult
  package func remove(
    people: [PersonID] = [], faces: [FaceID] = [], keeping: Bool, now: Date = .storable
  ) throws -> (people: Int, faces: Int, number: UInt64?) {
    var bin = try RemovalBin(keeping ? newRemoval(now) : nil, of: self)
    var count = 0
    for face in faces {
      guard let record = try faceRecord(face) else { throw GalleryError.noSuchFace(face) }
      try keep(face, record, in: &bin)
      try remove(face)
      count += 1
    }
    for person in people {
      guard try contains(person) else { throw GalleryError.noSuchPerson(person) }
      let faces = try faceRecords(of: person)
      for (face, record) in faces { try keep(face, record, in: &bin) }
      try keep(person, faces: faces.count, in: &bin)
      for (face, _) in faces { try remove(face) }
      try removeEmptied(person)
      count += faces.count
    }
    return (people.count, count, try finish(bin))
  }

  /// Removes everybody with all faces, and says how many there were; faces without a name stay.
  ///
  /// - Parameter keeping: Whether it can be undone. Else everything is forgotten that earlier removals keep.
  /// - Complexity: O(*n* log *n*) for *n* faces; O(pages) when nothing is kept and all faces have names.
  package func removeEverybody(keeping: Bool, now: Date = .storable) throws -> (people: Int, faces: Int) {
    guard keeping else {
      if try keepsRemoved() { notePurge() }
      try forgetRemovals()
      return try removeAllPeople()
    }
    var bin = try RemovalBin(newRemoval(now), of: self)
    for person in try people(after: nil, offset: 0, limit: personCount()) {
      let faces = try faceRecords(of: person)
      for (face, record) in faces { try keep(face, record, in: &bin) }
      try keep(person, faces: faces.count, in: &bin)
    }
    try finish(bin)
    return try removeAllPeople()
  }

  /// Brings back what a removal keeps, and says how many people and faces that are, and how many faces are skipped; nil when there is
  /// no such removal.
  ///
  /// People and faces have their old numbers again. A face goes to its person, to who was merged with the person or, when there is neither, to
  /// who has the name; else the person is made anew. A person whose name somebody else has got becomes one with that one. A face that was
  /// added again since, as anybody's, is skipped: it is of the same place of the same photo, or has the same vector. So is a person of whom
  /// nothing else is left. Who was removed again since stays removed, and kept, until the later removal is undone.
  ///
  /// - Throws: ``GalleryError``: `nothingToUndo` when all were removed again since, `damaged` when a part of it is not what was
  ///   written, `engineMismatch`. Then nothing must be committed.
  package func undo(_ number: UInt64) throws -> (people: Int, faces: Int, skipped: Int)? {
    guard var removal = try removal(number) else { return nil }
    let now = try fingerprint()
    guard removal.engine?.digest == nil || removal.engine?.digest == now?.digest else {
      throw GalleryError(
        .engineMismatch,
        "The gallery has embeddings of another engine (\(now?.word ?? "none yet")) than at the removal "
          + "(\(removal.engine?.word ?? "none")); undo is possible with that engine only.")
    }
    let (allPeople, allFaces) = (try removedPeople(of: number), try removedFaces(of: number))
    guard allPeople.count == removal.people, allFaces.count == removal.faces else {
      throw GalleryError.damagedRemoval("a part of removal \(number)")
    }
    let later = try LaterRemovals(number, of: self)
    let people = try allPeople.filter { id in
      try !later.hasPerson(named: kept(removedPerson(id), "person \(id)").record.name, self)
    }
    let faces = try allFaces.filter { try !later.hasFace($0, self) }
    if let other = later.found, people.isEmpty, faces.isEmpty {
      throw GalleryError(
        .nothingToUndo,
        "Whoever was removed then was removed again since by removal \(other); undo that one first.")
    }
    // Before any of them is added: what is there now was added since.
    let missing = try missing(faces)
    let owners = Set(missing.values)
    var back = 0
    var targets: [PersonID: PersonID] = [:]
    // Who has a name since later knows better what is said of them.
    for id in people.sorted(by: >) {
      let person = try kept(removedPerson(id), "person \(id)")
      let other = try self.person(named: PersonName(stored: person.record.name))
      if let other {
        targets[id] = other
        try addTags(person.tags, to: other)
      } else if person.faceCount == 0 || owners.contains(id) {
        try bringBack(person, as: id)
        targets[id] = id
        back += 1
      }
      try drop(removedPerson: id)
      if let target = targets[id], !person.formerNames.isEmpty {
        var names = try formerNames()
        names.note(digests: person.formerNames, of: target)
        try setFormerNames(names)
      }
      if let other { try giveRemoved(of: id, to: other) }
    }
    for id in faces {
      let face = try kept(removedFace(id), "face \(id)")
      if missing[id] != nil {
        let (target, isNew) = try target(of: face, targets)
        targets[face.record.person] = target
        if isNew {
          back += 1
          try giveRemoved(of: face.record.person, to: target)
        }
        try bringBack(face, as: id, of: target)
      }
      try drop(removedFace: id)
    }
    (removal.people, removal.faces) = (removal.people - people.count, removal.faces - faces.count)
    if removal.isEmpty { try drop(removal: number) } else { try put(removal) }
    return (back, missing.count, faces.count - missing.count)
  }

  /// Forgets what earlier removals keep of faces that are there: these are about to be replaced, or to go for good.
  package func forgetRemoved(like faces: [FaceID]) throws {
    var bin = try RemovalBin(nil, of: self)
    for face in faces {
      if let record = try faceRecord(face) { try keep(face, record, in: &bin) }
    }
  }

  /// Has what removals keep of a person's faces be somebody else's, who the person has become.
  ///
  /// - Complexity: O(*f* log *n*) for *f* faces that are kept.
  func giveRemoved(of source: PersonID, to target: PersonID) throws {
    guard source != target, source != .unnamed, try keepsRemoved() else { return }
    let name = try name(of: target)
    for id in try removedFaces(of: source) {
      guard var face = try readable(removedFace(id)) else { continue }
      try drop(removedFace: id)
      (face.record.person, face.name) = (target, name)
      try put(face, as: id)
    }
  }

  /// Has faces without a name that come back be in no group: those that they were in are no more.
  package func forgetGroupsOfRemoved() throws {
    guard try keepsRemoved() else { return }
    for id in try removedFaces(of: .unnamed) {
      guard var face = try readable(removedFace(id)), face.group != nil else { continue }
      face.group = nil
      try put(face, as: id)
    }
  }

  /// Forgets removals that have expired. Those that a wrong clock said to be of later than now are of now from here on.
  ///
  /// - Returns: How many are forgotten.
  @discardableResult
  package func forgetExpiredRemovals(now: Date) throws -> Int {
    let removals = try removals()
    for var removal in removals where removal.isOfFuture(now) {
      removal.removed = now
      try put(removal)
    }
    let expired = removals.filter { $0.isExpired(now) }
    if expired.count == removals.count {
      if !expired.isEmpty { try forgetRemovals() }
      return expired.count
    }
    for removal in expired {
      for face in try removedFaces(of: removal.number) { try drop(removedFace: face) }
      for person in try removedPeople(of: removal.number) { try drop(removedPerson: person) }
      try drop(removal: removal.number)
    }
    return expired.count
  }

  // MARK: Keeping

  private func newRemoval(_ now: Date) throws -> Removal {
    let engine = try fingerprint().map { Removal.Engine(digest: $0.digest, word: $0.word) }
    // Every removal is a change, so that the next one has a greater number.
    return Removal(number: try counters().sequence + 1, removed: now, engine: engine)
  }

  /// Keeps a face that is about to be removed, in the place of what earlier removals keep of it.
  private func keep(_ id: FaceID, _ record: StoredFace, in bin: inout RemovalBin) throws {
    guard bin.removal != nil || bin.hasEarlier else { return }
    var vector: [UInt8] = []
    _ = try withVector(of: id.rawValue) { vector = Array($0) }
    if bin.hasEarlier {
      for other in try removedFaces(like: id, record, vector, any: bin.removal == nil) {
        try takeOut(other, of: bin)
      }
    }
    // What is damaged is not kept: it may be removed because of that.
    guard let number = bin.removal?.number, let parts = try readable(parts(of: id, in: bin)) else { return }
    let face = RemovedFace(
      removal: number, record: record, name: try name(of: record.person), tags: parts.tags, vector: vector,
      thumbnail: parts.thumbnail, group: record.person == .unnamed ? try bin.group(of: id, self) : nil,
      newest: bin.newest)
    try put(face, as: id)
    bin.removal?.faces += 1
  }

  /// Keeps a person who is about to be removed; or forgets what earlier removals keep of the person, and of others of the name.
  private func keep(_ id: PersonID, faces: Int, in bin: inout RemovalBin) throws {
    guard bin.removal != nil || bin.hasEarlier, let record = try personRecord(id) else { return }
    guard let number = bin.removal?.number else { return try forgetKept(of: id, record, bin) }
    let person = RemovedPerson(
      removal: number, record: record, tags: bin.hasTags ? try tags(of: .person(id)) : [:],
      formerNames: try formerNames().digests(of: id), faceCount: faces)
    try put(person, as: id)
    bin.removal?.people += 1
  }

  /// Forgets what earlier removals keep of a person, and of all who have, or had, the name or one that the person had before; but not what
  /// is of others who are there.
  private func forgetKept(of id: PersonID, _ record: StoredPerson, _ bin: RemovalBin) throws {
    let digests = [FormerNames.digest(NameKey(of: record.name))] + (try formerNames().digests(of: id))
    var people: Set<PersonID> = [id]
    var faces: Set<FaceID> = []
    for digest in digests {
      people.formUnion(try removedPeople(named: digest))
      for face in try removedFaces(named: digest) {
        let owner = try readable(removedFace(face))?.record.person ?? id
        if try owner == id || !contains(owner) { faces.insert(face) }
      }
    }
    for person in people { faces.formUnion(try removedFaces(of: person)) }
    for face in faces.sorted() { try takeOut(face, of: bin) }
    for person in people.sorted() where person != id {
      guard let kept = try readable(removedPerson(person)) else { continue }
      notePurge()
      try drop(removedPerson: person)
      try changeCounts(of: kept.removal) { $0.people -= 1 }
    }
  }

  private func parts(
    of id: FaceID, in bin: RemovalBin
  ) throws -> (tags: [String: String], thumbnail: [UInt8]?)? {
    try verifyVectors(of: [id.rawValue])
    return (bin.hasTags ? try tags(of: .face(id)) : [:], try thumbnail(of: id))
  }

  private func name(of person: PersonID) throws -> String {
    person == .unnamed ? "" : try personRecord(person)?.name ?? ""
  }

  /// Keeps the removal, and gives its number; nil when there is nothing to keep.
  @discardableResult
  private func finish(_ bin: RemovalBin) throws -> UInt64? {
    guard let removal = bin.removal, !removal.isEmpty else { return nil }
    try put(removal)
    return removal.number
  }

  // MARK: Earlier removals

  /// The faces of earlier removals that are the same as one that is there, and were removed before it was added.
  ///
  /// - Parameter any: Whether those of the same place of the same photo are meant whenever it was added, and those that are not what was
  ///   written.
  private func removedFaces(
    like id: FaceID, _ record: StoredFace, _ vector: [UInt8], any: Bool
  ) throws -> [FaceID] {
    var found: [FaceID] = []
    for other in try Set(
      (record.photo.map { try removedFaces(in: $0) } ?? []) + removedFaces(withVector: vector))
    {
      guard let face = try readable(removedFace(other)) else {
        if any { found.append(other) }
        continue
      }
      let isSamePlace =
        face.record.photo != nil && face.record.photo == record.photo
        && face.record.isSameFace(at: record.detection?.box)
      // Two people may have had one vector from the beginning.
      if isSamePlace && any || (isSamePlace || face.vector == vector) && face.isAgain(id, of: record.person) {
        found.append(other)
      }
    }
    return found
  }

  /// What an earlier removal keeps; nil for what is not what was written: a check says so, and it stands in no one's way.
  private func readable<Value>(_ value: @autoclosure () throws -> Value?) throws -> Value? {
    do {
      return try value()
    } catch let error as GalleryError where error.isDamage {
      return nil
    }
  }

  /// Has an earlier removal forget a face.
  private func takeOut(_ id: FaceID, of bin: RemovalBin) throws {
    guard let face = try readable(removedFace(id)) else {
      // Of whom nothing is to be left nothing is left of what is damaged, either.
      if bin.removal == nil {
        notePurge()
        try drop(removedFace: id)
      }
      return
    }
    guard face.removal != bin.removal?.number else { return }
    if bin.removal == nil { notePurge() }
    try drop(removedFace: id)
    try changeCounts(of: face.removal) { $0.faces -= 1 }
  }

  private func changeCounts(of number: UInt64, _ change: (inout Removal) -> Void) throws {
    guard var removal = try readable(self.removal(number)) else { return }
    change(&removal)
    if removal.isEmpty { try drop(removal: number) } else { try put(removal) }
  }

  // MARK: Undoing

  private func kept<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw GalleryError.damagedRemoval("\(what) of a removal") }
    return value
  }

  /// The faces of a removal that nobody has by now, and whose they were.
  private func missing(_ faces: [FaceID]) throws -> [FaceID: PersonID] {
    let known = KnownVectors()
    var missing: [FaceID: PersonID] = [:]
    for id in faces {
      let face = try kept(removedFace(id), "face \(id)")
      if try !isThere(face, known) { missing[id] = face.record.person }
    }
    return missing
  }

  private func isThere(_ face: RemovedFace, _ known: KnownVectors) throws -> Bool {
    if let photo = face.record.photo {
      for other in try faces(in: photo) {
        let record = try storedRecord(other)
        if record.isSameFace(at: face.record.detection?.box), face.isAgain(other, of: record.person) {
          return true
        }
      }
    }
    for other in try known.faces(like: face, self) {
      var isSame = false
      _ = try withVector(of: other.rawValue) { isSame = $0.elementsEqual(face.vector) }
      if isSame, face.isAgain(other, of: try storedRecord(other).person) { return true }
    }
    return false
  }

  /// Who is there of a person who had a face, by number or by name; nil when nobody is.
  private func present(_ person: PersonID, named name: String) throws -> PersonID? {
    if person == .unnamed { return person }
    if try contains(person) { return person }
    return try self.person(named: PersonName(stored: name))
  }

  /// Whom a face that comes back is given to, and whether the person had to be made anew.
  private func target(
    of face: RemovedFace, _ targets: [PersonID: PersonID]
  ) throws -> (person: PersonID, isNew: Bool) {
    if let target = targets[face.record.person] { return (target, false) }
    if let target = try present(face.record.person, named: face.name) { return (target, false) }
    return (try insert(PersonName(stored: face.name)), true)
  }
}

/// Where what is being removed goes.
private struct RemovalBin {
  /// Nil when nothing is kept.
  var removal: Removal?
  /// Whether earlier removals keep anything.
  let hasEarlier: Bool
  let hasTags: Bool
  /// The newest face.
  let newest: UInt64
  /// The groups of faces without a name; looked up when the first of them is kept.
  private var groups: [FaceID: UInt64]?

  init(_ removal: Removal?, of writer: borrowing some StoreWriter & ~Copyable) throws {
    self.removal = removal
    hasEarlier = try writer.keepsRemoved()
    hasTags = try writer.hasTags()
    newest = try writer.counters().lastFace
  }

  /// The group of a face without a name.
  mutating func group(of face: FaceID, _ writer: borrowing some StoreWriter & ~Copyable) throws -> UInt64? {
    if let groups { return groups[face] }
    var found: [FaceID: UInt64] = [:]
    for (group, faces) in try writer.groups() {
      for face in faces { found[face] = group }
    }
    groups = found
    return found[face]
  }
}

/// What removals after one keep: who is in them stays removed.
private final class LaterRemovals {
  private let number: UInt64
  private let isLatest: Bool
  /// A later removal that keeps somebody who was asked for.
  private(set) var found: UInt64?

  init(_ number: UInt64, of writer: borrowing some StoreWriter & ~Copyable) throws {
    self.number = number
    isLatest = try writer.latestRemoval() == number
  }

  func hasPerson(named name: String, _ writer: borrowing some StoreWriter & ~Copyable) throws -> Bool {
    if isLatest { return false }
    for other in try writer.removedPeople(named: FormerNames.digest(NameKey(of: name))) {
      if let removal = try writer.removedPerson(other)?.removal, note(removal) { return true }
    }
    return false
  }

  /// Whether a face, or its person, was removed again since.
  func hasFace(_ id: FaceID, _ writer: borrowing some StoreWriter & ~Copyable) throws -> Bool {
    if isLatest { return false }
    guard let face = try writer.removedFace(id), try !writer.contains(face.record.person) else {
      return false
    }
    if let removal = try writer.removedPerson(face.record.person)?.removal, note(removal) { return true }
    return try !face.name.isEmpty && hasPerson(named: face.name, writer)
  }

  private func note(_ removal: UInt64) -> Bool {
    if removal > number { found = removal }
    return removal > number
  }
}

/// Faces that are there by the checksums of their vectors; looked up when they are first asked for.
private final class KnownVectors {
  /// Of the faces with numbers greater than `last`.
  private var since: [UInt32: [FaceID]] = [:]
  private var last: UInt64?

  /// The faces that may have the vector of one that was removed, of those that were added since.
  func faces(
    like face: RemovedFace, _ writer: borrowing some StoreWriter & ~Copyable
  ) throws -> [FaceID] {
    if last.map({ face.newest < $0 }) ?? true {
      since = [:]
      try writer.forEachVector(from: face.newest + 1) { other, vector in
        since[CRC32C.of(vector), default: []].append(FaceID(rawValue: other))
        return true
      }
      last = face.newest
    }
    return since[CRC32C.of(face.vector)] ?? []
  }
}
