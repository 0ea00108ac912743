import FaceEngine
import Foundation
import Support
import Synchronization
import TestSupport
import Testing

@testable import GalleryStore

/// What is PostgreSQL's alone; what every store does is in ``StoreTests``.
@Suite(
  "A gallery in PostgreSQL",
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct PostgresTests {
  private static let engine = EngineIdentity(
    fingerprint: EngineFingerprint(
      alignment: "none", weightsDigest: "0123", preprocessing: "none", normalization: "unit length",
      dimension: 8),
    operatingPoint: nil, engine: nil)

  private func code(_ body: () throws -> Void) -> GalleryError.Code? {
    do { try body() } catch { return (error as? GalleryError)?.code }
    return nil
  }

  private func open(
    _ url: String, _ access: StoreAccess = .createIfMissing, patience: Double = 10
  ) throws -> PostgresStore {
    try PostgresStore(at: #require(try Stores.address(url)), access: access, patience: patience)
  }

  /// The schema that a URL of the server's names.
  private func schema(_ url: String) -> String {
    url.firstMatch(of: /gallery=([a-z0-9]+)/).map { String($0.1) } ?? ""
  }

  private func record(_ person: PersonID = .unnamed) -> StoredFace {
    StoredFace(person: person, added: .storable, photo: nil, detection: nil, path: nil)
  }

  private func add(_ store: PostgresStore, _ name: String? = nil, _ vector: [Float]? = nil) throws -> FaceID {
    try store.write { writer throws in
      try writer.settleEngine(Self.engine)
      let person = try name.map { try writer.person(named: PersonName($0)) ?? writer.insert(PersonName($0)) }
      return try writer.insert(
        record(person ?? .unnamed), vector: VectorBytes.encode(vector ?? [1, 0, 0, 0, 0, 0, 0, 0]),
        thumbnail: nil)
    }
  }

  @Test("two galleries in one database know nothing of each other, whatever they are called")
  func schemas() throws {
    let server = try #require(PostgresServer.shared)
    let names = ["two%22galleries", "Drop%20Table%3B"].map { $0 + UUID().uuidString }
    let stores = try names.map { try open(server.url($0)) }
    _ = try add(stores[0], "Ada")
    #expect(try stores.map { try $0.read { try $0.faceCount() } } == [1, 0])
    #expect(stores[0].uuid != stores[1].uuid)
    #expect(try open(server.url(names[0]), .existing).uuid == stores[0].uuid)
  }

  @Test("who makes the same gallery at the same moment makes one")
  func creation() async throws {
    let url = try #require(PostgresServer.shared).newURL()
    let found = try await withThrowingTaskGroup(of: UUID.self) { group in
      for _ in 0..<6 { group.addTask { try self.open(url).uuid } }
      return try await group.reduce(into: Set<UUID>()) { $0.insert($1) }
    }
    #expect(found.count == 1)
  }

  @Test("writers of several programs come one after the other, and the log has their order")
  func writers() async throws {
    let url = try #require(PostgresServer.shared).newURL()
    let stores = try (0..<3).map { _ in try open(url) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for store in stores {
        group.addTask { for number in 0..<20 { _ = try self.add(store, "Person \(number % 7)") } }
      }
      try await group.waitForAll()
    }
    try stores[0].read { snapshot throws in
      #expect(try snapshot.faceCount() == 60 && snapshot.personCount() == 7)
      var faces: [UInt64] = []
      try snapshot.forEachChange(after: 0) { _, change in faces.append(change.face.rawValue) }
      #expect(faces == Array(1...60))
      #expect(snapshot.number == 60)
    }
    #expect(try stores[1].check(repair: false, progress: nil).isHealthy)
  }

  @Test("a schema that is no gallery, or of another version, is left alone with the remedy")
  func versions() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    #expect(code { _ = try open(url, .existing) } == .notFound)
    let store = try open(url)
    let schema = schema(url)
    try server.run("UPDATE \(schema).gallery SET format = 2")
    let newer = #expect(throws: GalleryError.self) { try open(url) }
    #expect(newer?.code == .newerVersion && newer?.message.contains("version 2") == true)
    try server.run("UPDATE \(schema).gallery SET format = 0")
    #expect(code { _ = try open(url) } == .newerVersion)
    try server.run("DELETE FROM \(schema).gallery")
    #expect(code { _ = try open(url) } == .damaged)
    try server.run(
      "DROP SCHEMA \(schema) CASCADE; CREATE SCHEMA \(schema); CREATE TABLE \(schema).other (a int)")
    #expect(code { _ = try open(url) } == .notAGallery)
    try server.run("CREATE TABLE \(schema).gallery (b int)")
    #expect(code { _ = try open(url) } == .notAGallery)
    #expect(code { _ = try store.read { try $0.personCount() } } != nil, "the gallery that was open is gone")
  }

  @Test("a database without pgvector, or where a user may not set it up, says so")
  func extensions() throws {
    let server = try #require(PostgresServer.shared)
    let database = "d" + UUID().uuidString.lowercased().filter { $0 != "-" }
    try server.run("CREATE DATABASE \(database)")
    let refused = #expect(throws: GalleryError.self) {
      try open(server.url("faces", user: "clerk:open%20sesame", database: database))
    }
    #expect(refused?.message.contains("CREATE EXTENSION vector") == true)
    let store = try open(server.url("faces", database: database))
    #expect(try store.server()?.vectorVersion.isEmpty == false)
    try server.run("DROP EXTENSION vector CASCADE", database: database)
    let lost = #expect(throws: GalleryError.self) {
      try open(server.url("faces", database: database), .existing)
    }
    #expect(lost?.message.contains("CREATE EXTENSION vector") == true)
  }

  @Test("a server that takes no changes says so, and answers questions")
  func standby() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    _ = try add(try open(url), "Ada")
    let reader = try open(url + "&options=-cdefault_transaction_read_only%3Don", .existing)
    #expect(try reader.read { try $0.faceCount() } == 1)
    #expect(code { _ = try add(reader, "Bob") } == .readOnly)
    #expect(code { _ = try add(try open(url, .readOnly), "Bob") } == .readOnly)
  }

  @Test("a statement that takes too long changes nothing")
  func timeouts() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    let store = try open(url)
    _ = try add(store, "Ada")
    let hasty = try open(url + "&options=-cstatement_timeout%3D200", .existing)
    let error = try store.write { writer throws in
      // The row is locked by this writer: the other one waits.
      let error = #expect(throws: GalleryError.self) { try add(hasty, "Bob") }
      _ = try writer.insert(PersonName("Eve"))
      return error
    }
    #expect(error?.code == .unavailable && error?.message.contains("statement_timeout") == true)
    #expect(try store.read { try $0.personCount() } == 2)
  }

  @Test("more clients than the server takes are told so")
  func clients() throws {
    let server = try PostgresServer(settings: ["max_connections=12", "superuser_reserved_connections=3"])
    defer { server.stop() }
    try server.run("CREATE EXTENSION vector; GRANT CREATE ON DATABASE postgres TO clerk")
    let url = server.url("faces", user: "clerk:open%20sesame")
    var stores: [PostgresStore] = []
    let error = #expect(throws: GalleryError.self) {
      for _ in 0..<20 {
        let store = try open(url, patience: 0)
        try store.read { _ in }
        stores.append(store)
      }
    }
    #expect(
      error?.code == .unavailable && error?.message.contains("max_connections") == true,
      "\(String(describing: error))")
  }

  @Test("the server's error of a full disk changes nothing, and is told so")
  func fullDisk() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    let store = try open(url)
    _ = try add(store, "Ada")
    let schema = schema(url)
    try server.run(
      """
      CREATE FUNCTION \(schema).refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$;
      CREATE TRIGGER refuse BEFORE INSERT ON \(schema).changes EXECUTE FUNCTION \(schema).refuse();
      """)
    #expect(code { _ = try add(store, "Bob") } == .diskFull)
    #expect(try store.read { try ($0.personCount(), $0.faceCount()) } == (1, 1))
  }

  @Test(
    "a server that is killed between two changes, or in the middle of one, is waited for, and nothing is lost"
  )
  func crashes() throws {
    let server = try PostgresServer()
    defer { server.stop() }
    let store = try open(server.url("faces"))
    _ = try add(store, "Ada")
    try server.crash()
    #expect(try store.read { try $0.faceCount() } == 1)
    let attempts = Mutex(0)
    try store.write { writer throws in
      let attempt = attempts.withLock { count in
        count += 1
        return count
      }
      _ = try writer.insert(record(), vector: VectorBytes.encode([0, 1, 0, 0, 0, 0, 0, 0]), thumbnail: nil)
      if attempt == 1 { try server.crash() }
      _ = try writer.faceCount(of: PersonID(rawValue: 1))
    }
    #expect(attempts.withLock { $0 } == 2)
    try store.read { snapshot throws in
      #expect(try snapshot.faceCount() == 2 && snapshot.counters().lastFace == 2)
    }
    try server.halt()
    let impatient = #expect(throws: GalleryError.self) { try open(server.url("faces")) }
    #expect(impatient?.code == .unavailable)
    try server.start()
    #expect(try store.check(repair: false, progress: nil).isHealthy)
  }

  @Test(
    "a commit that got no reply is looked for, and made once",
    arguments: [PostgresProxy.Cut.beforeCommit, .beforeReply])
  func doubt(cut: PostgresProxy.Cut) throws {
    let server = try #require(PostgresServer.shared)
    let proxy = try PostgresProxy(to: server.port)
    defer { proxy.stop() }
    let store = try open(server.newURL().replacing(":\(server.port)/", with: ":\(proxy.port)/"))
    _ = try add(store, "Ada")
    let attempts = Mutex(0)
    proxy.cutNext(cut)
    try store.write { writer throws in
      attempts.withLock { $0 += 1 }
      _ = try writer.insert(PersonName("Bob"))
      _ = try writer.insert(record(), vector: VectorBytes.encode([0, 1, 0, 0, 0, 0, 0, 0]), thumbnail: nil)
    }
    #expect(proxy.cuts == 1 && attempts.withLock { $0 } == (cut == .beforeReply ? 1 : 2))
    #expect(try store.read { try ($0.personCount(), $0.faceCount()) } == (2, 2))
    #expect(try store.check(repair: false, progress: nil).isHealthy)
  }

  @Test("where nobody can be asked about a commit without a reply, that is said")
  func unknown() throws {
    let server = try PostgresServer()
    defer { server.stop() }
    let proxy = try PostgresProxy(to: server.port)
    defer { proxy.stop() }
    let url = server.url("faces").replacing(":\(server.port)/", with: ":\(proxy.port)/")
    let store = try open(url, patience: 0.2)
    _ = try add(store, "Ada")
    proxy.cutNext(.beforeReply) { try? server.halt() }
    let error = #expect(throws: GalleryError.self) { try add(store, "Bob") }
    #expect(error?.code == .outcomeUnknown, "\(String(describing: error))")
    try server.start()
    #expect(try store.read { try $0.personCount() } == 2, "it was done")
  }

  @Test("a check finds what the server does not know")
  func check() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    let store = try open(url)
    for number in 0..<3 { _ = try add(store, "Person \(number)") }
    try store.write { try $0.setTag("team", "red", of: .face(FaceID(rawValue: 1))) }
    let schema = schema(url)
    let harms: [(String, HealthReport.Part)] = [
      ("UPDATE %.vectors_1 SET embedding = '[0,0,0,0,0,0,0,1]' WHERE face = 1", .vectors),
      ("DELETE FROM %.vectors_1 WHERE face = 2", .vectors),
      ("UPDATE %.persons SET name_key = 'x' WHERE person = 2", .names),
      ("INSERT INTO %.thumbnails VALUES (99, 'x')", .thumbnails),
      ("INSERT INTO %.groups VALUES (99, 1)", .groups),
      ("UPDATE %.tags SET owner = 77", .tags),
      ("UPDATE %.faces SET detection = 'x' WHERE face = 3", .faces),
      ("DELETE FROM %.changes WHERE sequence = 2", .log),
      ("UPDATE %.gallery SET faces = 7", .log),
      ("UPDATE %.gallery SET last_face = 1", .log),
      ("INSERT INTO %.removals VALUES (9, now(), 1, 0)", .removals),
    ]
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
    for (harm, part) in harms {
      let before = try store.check(repair: false, progress: nil).findings.reduce(0) { $0 + $1.count }
      try server.run(harm.replacing("%", with: schema))
      let report = try store.check(repair: false, progress: nil)
      #expect(report.findings.reduce(0) { $0 + $1.count } > before, "\(harm)")
      #expect(report.findings.contains { $0.part == part }, "\(harm): \(report.findings)")
    }
  }

  @Test(
    "the database finds the same faces and people as a scan, by tags and for few faces, too",
    arguments: [1, 2, 3])
  func search(seed: UInt64) throws {
    var random = SplitMix64(seed)
    let store = try open(try #require(PostgresServer.shared).newURL())
    func vector() -> [Float] {
      let raw = (0..<8).map { _ in Float(Int(random.next() % 7)) - 3 + (seed == 3 ? 0 : 0.25) }
      let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return length == 0 ? [1, 0, 0, 0, 0, 0, 0, 0] : raw.map { $0 / length }
    }
    // Coarse vectors, so that many are equally similar.
    let vectors = (0..<400).map { _ in vector() }
    try store.write { writer throws in
      try writer.settleEngine(Self.engine)
      let people = try (0..<40).map { try writer.insert(PersonName("Person \($0)")) }
      for (number, vector) in vectors.enumerated() {
        let person = number % 11 == 0 ? PersonID.unnamed : people[Int(random.next() % 40)]
        _ = try writer.insert(record(person), vector: VectorBytes.encode(vector), thumbnail: nil)
      }
    }
    try store.read { snapshot throws in
      var owners: [UInt64: PersonID] = [:]
      try snapshot.forEachOwner { owners[$0.rawValue] = $1 }
      for narrow in [nil, Array(stride(from: UInt64(3), to: 400, by: 37))] as [[UInt64]?] {
        for limit in [1, 7, 60, 1000] {
          for byPerson in [false, true] {
            let query = vector()
            var found: [UInt64: PersonID] = [:]
            let rest = try snapshot.nearest(to: query, among: narrow, limit: limit, byPerson: byPerson) {
              face, person, bytes in
              #expect(VectorBytes.decode(bytes) == vectors[Int(face) - 1])
              found[face] = person
            }
            let bound = try #require(rest).similarity
            func similarity(_ face: UInt64) -> Float {
              zip(query, vectors[Int(face) - 1]).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let wanted = owners.filter { $0.value != .unnamed && narrow?.contains($0.key) != false }
            #expect(found.allSatisfy { wanted[$0.key] == $0.value })
            let people = Set(found.values)
            #expect(bound == -.infinity || (byPerson ? people.count : found.count) == limit)
            for (face, person) in wanted where found[face] == nil {
              // Of people who were found the faces are there that are about as good as the best.
              let best = byPerson ? found.filter { $0.value == person }.keys.map(similarity).max() : nil
              #expect(similarity(face) <= best ?? bound, "face \(face)")
            }
          }
        }
      }
    }
  }
}
