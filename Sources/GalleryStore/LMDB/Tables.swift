internal import LMDB

/// The databases of a gallery; docs/gallery-format.md describes them.
struct Tables: Sendable {
  let meta: Database<String, [UInt8]>
  let persons: Database<UInt64, [UInt8]>
  let personsByName: Database<String, UInt64>
  let faces: Database<UInt64, [UInt8]>
  let vectors: Database<UInt64, [UInt8]>
  let facesByPerson: Database<UInt64, UInt64>
  let facesBySource: Database<[UInt8], UInt64>
  let changes: Database<UInt64, [UInt8]>
  /// Thumbnails of faces; nil in a gallery of format 1.0 that is open for reading only.
  let thumbnails: Database<UInt64, [UInt8]>?

  /// What people and faces are tagged with; nil in a gallery older than format 1.2 that is open for reading only.
  let tags: Database<[UInt8], [UInt8]>?
  /// Who is tagged with a key and a value; nil as before.
  let tagsIndex: Database<[UInt8], UInt64>?
  /// The groups that the faces without a name were found to form; nil as before.
  let groups: Database<UInt64, UInt64>?
  /// People by the keys of their names; nil in a gallery older than format 1.5 that is open for reading only.
  let personsByKey: Database<[UInt8], UInt64>?

  /// What removals keep; nil in a gallery older than format 1.6 that is open for reading only.
  let removed: RemovedTables?

  /// Whether every database of this version is there.
  var isComplete: Bool {
    thumbnails != nil && tags != nil && tagsIndex != nil && groups != nil && personsByKey != nil
      && removed != nil
  }

  init(_ opener: borrowing DatabaseOpener) throws(LMDBError) {
    meta = try opener.database("meta", key: String.self, value: [UInt8].self)
    persons = try opener.database("persons", key: UInt64.self, value: [UInt8].self)
    personsByName = try opener.database("personsByName", key: String.self, value: UInt64.self)
    faces = try opener.database("faces", key: UInt64.self, value: [UInt8].self)
    vectors = try opener.database("vectors", key: UInt64.self, value: [UInt8].self)
    facesByPerson = try opener.database(
      "facesByPerson", key: UInt64.self, value: UInt64.self, kind: .sortedFixedDuplicates)
    facesBySource = try opener.database(
      "facesBySource", key: [UInt8].self, value: UInt64.self, kind: .sortedFixedDuplicates)
    changes = try opener.database("changes", key: UInt64.self, value: [UInt8].self)
    thumbnails = try opener.databaseIfThere("thumbnails", key: UInt64.self, value: [UInt8].self)
    tags = try opener.databaseIfThere("metadata", key: [UInt8].self, value: [UInt8].self)
    tagsIndex = try opener.databaseIfThere(
      "metadataIndex", key: [UInt8].self, value: UInt64.self, kind: .sortedFixedDuplicates)
    groups = try opener.databaseIfThere("groups", key: UInt64.self, value: UInt64.self)
    personsByKey = try opener.databaseIfThere(
      "personsByKey", key: [UInt8].self, value: UInt64.self, kind: .sortedFixedDuplicates)
    removed = try RemovedTables(opener)
  }
}

/// Keys of `meta`.
enum MetaKey {
  static let format = "format"
  static let uuid = "uuid"
  static let created = "created"
  static let headChecksum = "headChecksum"
  static let counters = "counters"
  static let fingerprint = "fingerprint"
  static let operatingPoint = "operatingPoint"
  static let formerNames = "formerNames"
  static let nameKeys = "nameKeys"
  static let audit = "audit"
  /// Only in a copy that follows a server.
  static let replica = "replica"
  static let history = "history"
  /// Followed by the number of a commit in 20 digits.
  static let followedCommit = "commit."
  // The name is older than the word.
  static let engineSpecification = "engineChoice"
}
