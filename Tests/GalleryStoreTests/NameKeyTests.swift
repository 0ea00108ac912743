import Foundation
import LMDB
import TestSupport
import Testing

@testable import GalleryStore

@Suite("What names are compared by")
struct NameKeyTests {
  @Test(
    "letter case, accents of form, width, blanks and characters without width make no difference",
    arguments: [
      ("Ann Lee", "ANN LEE"), ("Ann Lee", " ann\t \u{A0}lee\u{2003}"), ("Zo\u{EB}", "ZOE\u{308}"),
      ("Ａｎｎ", "ann"), ("Ann", "A\u{200B}n\u{AD}n\u{FEFF}"),
      ("Weiß", "WEISS"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("ﬁona", "FIONA"), ("ỽ\u{345}", "Ỽι"),
      ("İpek", "i\u{307}pek"), ("\u{AC00}", "\u{1100}\u{1161}"),
      ("a\u{34F}\u{301}", "Á"), ("ᾳ", "ΑΙ"),
    ])
  func alike(one: String, other: String) {
    #expect(NameKey(of: one) == NameKey(of: other))
    #expect(NameKey.folded(NameKey.folded(one)) == NameKey.folded(one), "folding twice is folding once")
  }

  @Test(
    "accents, letters and blanks between words do",
    arguments: [
      ("Zoe", "Zoë"), ("Ann Lee", "Annlee"), ("Ali", "Al\u{131}"), ("Ada", "Аda"), ("a-b", "a b"), ("", "a"),
    ])
  func different(one: String, other: String) {
    #expect(NameKey(of: one) != NameKey(of: other))
  }

  @Test("the fast way for ASCII folds as the other one does, and long names differ by their ends, too")
  func ways() {
    let text = String(decoding: (UInt8(0x20)..<0x7F).map { $0 } + Array("  \t\nx ".utf8), as: UTF8.self)
    // The sign of a quotation is no letter of ASCII.
    #expect(NameKey.folded(text) + "”" == NameKey.folded(text.trimmingCharacters(in: .whitespaces) + "”"))
    let long = String(repeating: "é", count: 240)
    #expect(NameKey(of: long + "a" + long) != NameKey(of: long + "b" + long))
    #expect(NameKey(of: long + "a" + long) == NameKey(of: (long + "A" + long).uppercased()))
    #expect(NameKey(of: long + "a" + long).bytes.count <= 500)
  }

  @Test("a name of which nothing is seen is none")
  func invisible() {
    #expect(throws: GalleryError.self) { try PersonName("\u{200B}\u{FEFF}") }
    #expect(throws: GalleryError.self) { try PersonName("\u{202E}") }
    // Control characters are shown as everywhere.
    let refusal = #expect(throws: GalleryError.self) { try PersonName("a\u{1B}[2Jb") }
    #expect(refusal?.message == #"The name "a\x1B[2Jb" has control characters; leave them out."#)
  }

  /// Does to people what programs of format 1.4 do: the table of keys stays as it is.
  private func olderProgram(
    _ store: LMDBStore, insert: String? = nil, rename: (PersonID, String)? = nil, remove: PersonID? = nil
  ) throws {
    try store.environment.write { transaction in
      let writer = LMDBWriter(
        store: store, raw: transaction.raw,
        log: ChangeLog(counters: try LMDBSnapshot(store: store, raw: transaction.raw).counters(), tag: 7))
      let tables = store.tables
      if let insert {
        let id = writer.log.newPerson().rawValue
        try transaction.put(
          EncodedPerson(StoredPerson(name: insert, created: .storable)).encoded, for: id, in: tables.persons)
        try transaction.put(id, for: insert, in: tables.personsByName)
      }
      if let (id, name) = rename, var person = try writer.encodedPerson(id) {
        try transaction.remove(person.record.name, from: tables.personsByName)
        person.record.name = name
        try transaction.put(person.encoded, for: id.rawValue, in: tables.persons)
        try transaction.put(id.rawValue, for: name, in: tables.personsByName)
        writer.log.note(.renamed, person: id)
      }
      if let remove, let name = try writer.personRecord(remove)?.name {
        try transaction.remove(remove.rawValue, from: tables.persons)
        try transaction.remove(name, from: tables.personsByName)
        writer.log.note(.personRemoved, person: remove)
      }
      for (sequence, change) in writer.log.numbered {
        try transaction.put(change.encoded, for: sequence, in: tables.changes)
      }
      try transaction.put(writer.log.counters.encoded, for: MetaKey.counters, in: tables.meta)
    }
  }

  private func listed(_ store: LMDBStore) throws -> [[UInt8]: [UInt64]] {
    let table = try #require(store.tables.personsByKey)
    return try store.view { snapshot throws in
      var entries: [[UInt8]: [UInt64]] = [:]
      try snapshot.withCursor(in: table) { cursor throws in
        while try cursor.next() { entries[try cursor.key, default: []].append(try cursor.value) }
      }
      return entries
    }
  }

  @Test("what an older program did to people is found at once, and listed by the next change")
  func olderPrograms() throws {
    let folder = try TemporaryFolder()
    let store = try LMDBStore(at: folder.url, access: .createIfMissing)
    let people = try store.write { writer throws in
      try ["Ada", "Bob", "Cy"].map { try writer.insert(PersonName($0)) }
    }
    try olderProgram(store, insert: "Dan")
    func number(_ name: String) throws -> UInt64? {
      try store.read { try $0.person(named: PersonName(name)) }?.rawValue
    }
    #expect(try number("DAN") == 4)
    try olderProgram(store, rename: (people[0], "BOB"))
    #expect(try number("ada") == nil && number("BOB") == 1 && number("Bob") == 2)
    #expect(try store.read { try $0.namesakes() } == [[people[0], people[1]]])
    try olderProgram(store, remove: people[1])
    #expect(try number("bob") == 1 && number("Bob") == 1)
    // A check that only reads has nothing to say; the table is behind, and known to be.
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
    #expect(try listed(store)[Array("ada".utf8)] == [1])
    _ = try store.write { writer throws in try writer.insert(PersonName("Eve")) }
    #expect(
      try listed(store)
        == ["bob": [1], "cy": [3], "dan": [4], "eve": [5]].reduce(into: [:]) {
          $0[Array($1.key.utf8)] = $1.value
        })
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
  }

  @Test("a table of keys that lists others than the people is found, and made anew by a repair")
  func damage() throws {
    let folder = try TemporaryFolder()
    let store = try LMDBStore(at: folder.url, access: .createIfMissing)
    _ = try store.write { writer throws in try ["Ada", "Bob"].map { try writer.insert(PersonName($0)) } }
    let table = try #require(store.tables.personsByKey)
    let sound = try listed(store)
    let harms: [(borrowing WriteTransaction) throws -> Void] = [
      { try $0.remove(1, of: Array("ada".utf8), from: table) },
      { try $0.put(2, for: Array("ada".utf8), in: table) },
      { try $0.put(2, for: Array("eve".utf8), in: table) },
    ]
    for harm in harms {
      try store.environment.write { try harm($0) }
      let report = try store.check(repair: false, progress: nil)
      #expect(report.findings.map(\.part) == [.names] && report.findings[0].isRepairable)
      #expect(try store.check(repair: true, progress: nil).isHealthy)
      #expect(try listed(store) == sound)
    }
    try store.environment.write { try $0.put(2, for: Array("eve".utf8), in: table) }
    #expect(throws: GalleryError.self, "a key that leads to another person is never believed") {
      try store.read { try $0.people(withKey: NameKey(of: "eve")) }
    }
  }
}
