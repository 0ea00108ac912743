internal import LMDB

/// One change that brings derived tables back in line with the records that they are derived from.
enum StoreFix {
  case listName(String, person: UInt64)
  case unlistName(String)
  case listFace(UInt64, person: UInt64)
  case unlistFace(UInt64, person: UInt64)
  case listSource([UInt8], face: UInt64)
  case unlistSource([UInt8], face: UInt64)
  case dropVector(UInt64)
  case dropThumbnail(UInt64)
  case dropTag([UInt8])
  case listTag([UInt8], owner: UInt64)
  case unlistMetadata([UInt8], owner: UInt64)
  case ungroup(UInt64)
  case raiseCounters(person: UInt64, face: UInt64)
  case restartLog

  func apply(_ store: Store, _ transaction: borrowing WriteTransaction, _ log: inout ChangeLog) throws {
    let tables = store.tables
    switch self {
    case .listName(let name, let person): try transaction.put(person, for: name, in: tables.personsByName)
    case .unlistName(let name): try transaction.remove(name, from: tables.personsByName)
    case .listFace(let face, let person): try transaction.put(face, for: person, in: tables.facesByPerson)
    case .unlistFace(let face, let person):
      try transaction.remove(face, of: person, from: tables.facesByPerson)
    case .listSource(let photo, let face): try transaction.put(face, for: photo, in: tables.facesBySource)
    case .unlistSource(let photo, let face):
      try transaction.remove(face, of: photo, from: tables.facesBySource)
    case .dropVector(let face):
      try transaction.remove(face, from: tables.vectors)
      log.note(.removed, face: FaceID(rawValue: face), person: PersonID(rawValue: 0))
    case .dropThumbnail(let face):
      if let table = tables.thumbnails { try transaction.remove(face, from: table) }
    case .dropTag(let key):
      if let table = tables.metadata { try transaction.remove(key, from: table) }
    case .listTag(let key, let owner):
      if let table = tables.metadataIndex { try transaction.put(owner, for: key, in: table) }
    case .unlistMetadata(let key, let owner):
      if let table = tables.metadataIndex { try transaction.remove(owner, of: key, from: table) }
    case .ungroup(let face):
      if let table = tables.groups { try transaction.remove(face, from: table) }
    case .raiseCounters(let person, let face): log.raise(person: person, face: face)
    case .restartLog:
      try transaction.removeAll(from: tables.changes)
      log.restart()
    }
  }
}
