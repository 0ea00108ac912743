internal import LMDB

/// One change that brings derived tables back in line with the records that they are derived from.
enum StoreFix {
  case listName(String, person: UInt64)
  case unlistName(String)
  case listKeys
  case listFace(UInt64, person: UInt64)
  case unlistFace(UInt64, person: UInt64)
  case listSource([UInt8], face: UInt64)
  case unlistSource([UInt8], face: UInt64)
  case dropVector(UInt64)
  case dropThumbnail(UInt64)
  case dropTag([UInt8])
  case listTag([UInt8], owner: UInt64)
  case unlistTag([UInt8], owner: UInt64)
  case ungroup(UInt64)
  case raiseCounters(person: UInt64, face: UInt64)
  case restartLog
  case dropRemoval(UInt64)
  case dropRemovedPerson(PersonID)
  case dropRemovedFace(FaceID)
  case listRemoved
  case forgetNames

  func apply(_ writer: borrowing LMDBWriter) throws {
    let tables = writer.tables
    switch self {
    case .listName(let name, let person): try writer.put(person, for: name, in: tables.personsByName)
    case .unlistName(let name): try writer.remove(name, from: tables.personsByName)
    case .listKeys: try writer.listNames()
    case .listFace(let face, let person): try writer.put(face, for: person, in: tables.facesByPerson)
    case .unlistFace(let face, let person): try writer.remove(face, of: person, from: tables.facesByPerson)
    case .listSource(let photo, let face): try writer.put(face, for: photo, in: tables.facesBySource)
    case .unlistSource(let photo, let face): try writer.remove(face, of: photo, from: tables.facesBySource)
    case .dropVector(let face):
      try writer.remove(face, from: tables.vectors)
      writer.log.note(.removed, face: FaceID(rawValue: face), person: PersonID(rawValue: 0))
    case .dropThumbnail(let face):
      if let table = tables.thumbnails { try writer.remove(face, from: table) }
    case .dropTag(let key):
      if let table = tables.tags { try writer.remove(key, from: table) }
    case .listTag(let key, let owner):
      if let table = tables.tagsIndex { try writer.put(owner, for: key, in: table) }
    case .unlistTag(let key, let owner):
      if let table = tables.tagsIndex { try writer.remove(owner, of: key, from: table) }
    case .ungroup(let face):
      if let table = tables.groups { try writer.remove(face, from: table) }
    case .raiseCounters(let person, let face): writer.log.raise(person: person, face: face)
    case .restartLog: try writer.restartLog()
    case .dropRemoval(let number): try writer.drop(removal: number)
    case .dropRemovedPerson(let person): try writer.drop(removedPerson: person)
    case .dropRemovedFace(let face): try writer.drop(removedFace: face)
    case .listRemoved: try writer.listRemoved()
    case .forgetNames: try writer.setFormerNames(FormerNames())
    }
  }
}
