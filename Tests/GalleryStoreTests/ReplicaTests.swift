import FaceEngine
import Foundation
import Support
import Synchronization
import TestSupport
import Testing

@testable import GalleryStore

/// Copies in files that follow a gallery in PostgreSQL.
@Suite(
  "A copy that follows PostgreSQL",
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct ReplicaTests {
  private static func address(_ text: String) throws -> URL { try #require(try Stores.address(text)) }

  private func truth(_ url: String, patience: Double = 10) throws -> PostgresStore {
    try PostgresStore(at: Self.address(url), access: .createIfMissing, patience: patience)
  }

  private func copy(_ url: String, _ folder: URL) throws -> ReplicaStore {
    try ReplicaStore(of: Self.address(url), in: folder)
  }

  private func digest(_ store: any Store) throws -> StoreDigest {
    try store.read { try StoreDigest(of: $0) }
  }

  /// Whether a copy holds what the truth does, to the last byte, with the same numbers and the same log.
  private func expectEqual(
    _ copy: ReplicaStore, _ truth: PostgresStore, _ word: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    // What the copy's own thread does may have begun before the last commit.
    let isStepped = eventually { (try? copy.follower.step()) == true }
    #expect(isStepped, "\(word) \(copy.replication?.problem ?? "")", sourceLocation: sourceLocation)
    let (own, other) = (try digest(copy), try digest(truth))
    #expect(own.differences(from: other) == [], "\(word)", sourceLocation: sourceLocation)
    #expect(own.people == other.people && own.faces == other.faces, "\(word)", sourceLocation: sourceLocation)
    var (mine, theirs) = (own.counters, other.counters)
    let trimmed = mine.trimmed
    (mine.trimmed, theirs.trimmed) = (0, 0)
    #expect(mine == theirs, "\(word)", sourceLocation: sourceLocation)
    let logs = try [copy, truth].map { (store: any Store) in
      try store.read { snapshot throws in
        var changes: [Change] = []
        try snapshot.forEachChange(after: max(trimmed, other.counters.trimmed)) { changes.append($1) }
        return changes
      }
    }
    #expect(logs[0] == logs[1], "\(word)", sourceLocation: sourceLocation)
    let report = try copy.check(repair: false, progress: nil)
    #expect(report.isHealthy, "\(word) \(report.findings)", sourceLocation: sourceLocation)
  }

  @Test("two copies are equal to the truth after changes of every kind", arguments: [1, 2, 3, 4])
  func changes(seed: UInt64) throws {
    let url = try #require(PostgresServer.shared).newURL()
    let truth = try truth(url)
    let folders = try (0..<2).map { _ in try TemporaryFolder() }
    defer { withExtendedLifetime(folders) {} }
    var changes = RandomChanges(seed: seed)
    // One is there from the beginning, and follows each change; the other one comes later, and follows many at once.
    let first = try copy(url, folders[0].url)
    for _ in 0..<60 { try changes.change(truth) }
    let second = try copy(url, folders[1].url)
    try expectEqual(second, truth, "the first copy")
    for round in 0..<12 {
      for _ in 0..<1 + round * 2 {
        try changes.change(truth)
        if round % 3 == 0 { _ = try first.follower.step() }
      }
      try expectEqual(first, truth, "round \(round)")
      if round % 4 == 3 { try expectEqual(second, truth, "round \(round)") }
    }
    #expect(first.replication?.rollbacks == 0)
    #expect(changes.kinds.count >= 14, "\(changes.kinds)")
  }

  @Test("what is changed through a copy is read from it at once, and refused in its folder")
  func writing() throws {
    let url = try #require(PostgresServer.shared).newURL()
    let truth = try truth(url)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let store = try copy(url, folder.url)
    var changes = RandomChanges(seed: 9)
    for _ in 0..<50 {
      try changes.change(store)
      #expect(
        try store.read { try $0.counters().sequence } >= truth.read { try $0.counters().sequence })
    }
    try expectEqual(store, truth)
    let plain = try LMDBStore(at: folder.url, access: .existing)
    let refused = #expect(throws: GalleryError.self) {
      try plain.write { writer throws in _ = try writer.insert(PersonName("Eve")) }
    }
    #expect(refused?.code == .readOnly && refused?.message.contains("127.0.0.1") == true)
    // Its log is cut off for its index, which is no change.
    try store.trimLog(through: 5)
    #expect(try truth.read { try $0.counters().trimmed } == 0)
    #expect(try store.read { try $0.counters().trimmed } == 5)
    try changes.change(truth)
    try expectEqual(store, truth)
    // A copy of the copy is a gallery of its own.
    let other = try TemporaryFolder()
    defer { withExtendedLifetime(other) {} }
    try store.copy(to: other.path, progress: nil)
    let own = try LMDBStore(at: other.url, access: .existing)
    #expect(own.replication == nil && own.uuid == truth.uuid)
    try own.write { writer throws in _ = try writer.insert(PersonName("Eve")) }
  }

  @Test("a folder of another gallery is refused, and a gallery that is not there is no copy")
  func refusals() throws {
    let server = try #require(PostgresServer.shared)
    let (url, folder) = (server.newURL(), try TemporaryFolder())
    defer { withExtendedLifetime(folder) {} }
    let missing = #expect(throws: GalleryError.self) { try copy(url, folder.url) }
    #expect(missing?.code == .notFound)
    _ = try truth(url)
    _ = try LMDBStore(at: folder.url, access: .createIfMissing)
    let foreign = #expect(throws: GalleryError.self) { try copy(url, folder.url) }
    #expect(foreign?.code == .invalidArgument, "\(String(describing: foreign))")
    let (other, place) = (server.newURL(), try TemporaryFolder())
    defer { withExtendedLifetime(place) {} }
    _ = try truth(other)
    _ = try copy(other, place.url)
    let replaced = #expect(throws: GalleryError.self) { try copy(url, place.url) }
    #expect(replaced?.code == .replaced, "\(String(describing: replaced))")
  }

  @Test("a copy that is too far behind is made anew, in one step, and readers see the old state until then")
  func tooOld() throws {
    let server = try #require(PostgresServer.shared)
    let url = server.newURL()
    let truth = try truth(url)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    var changes = RandomChanges(seed: 5)
    for _ in 0..<40 { try changes.change(truth) }
    let store = try copy(url, folder.url)
    let before = try digest(store)
    store.follower.stop()
    let schema = try #require(url.firstMatch(of: /gallery=([a-z0-9]+)/)).1
    try store.read { snapshot throws in
      for _ in 0..<40 { try changes.change(truth) }
      // As it is ten thousand commits later.
      try server.run(
        "DELETE FROM \(schema).commits WHERE number < (SELECT max(number) FROM \(schema).commits)")
      let isStepped = try eventually { try store.follower.step() }
      #expect(isStepped)
      #expect(try StoreDigest(of: snapshot).differences(from: before) == [])
    }
    #expect(store.replication?.copies == 2)
    try expectEqual(store, truth)
  }

  @Test("a failover that loses commits is seen, and undone in the copies that had them")
  func failover() throws {
    let primary = try PostgresServer()
    defer { primary.stop() }
    let url =
      "postgresql://postgres@127.0.0.1:\(primary.port),127.0.0.1:PORT/postgres?gallery=faces&sslmode=disable&target_session_attrs=read-write"
    let folders = try (0..<3).map { _ in try TemporaryFolder() }
    defer { withExtendedLifetime(folders) {} }
    var changes = RandomChanges(seed: 21)
    let first = try truth(primary.url("faces"))
    for _ in 0..<40 { try changes.change(first) }
    let standby = try PostgresServer(standbyOf: primary)
    defer { standby.stop() }
    let both = url.replacing("PORT", with: String(standby.port))
    let copies = try folders.map { try copy(both, $0.url) }
    for _ in 0..<10 { try changes.change(first) }
    let kept = try first.read { $0.number }
    let isThere = try eventually {
      try standby.run("SELECT commits FROM faces.gallery") == String(kept)
    }
    #expect(isThere)
    // The standby is away while more is changed, which all copies follow but one.
    try standby.halt()
    copies[2].follower.stop()
    for _ in 0..<25 { try changes.change(first) }
    for store in copies.prefix(2) { try expectEqual(store, first) }
    let lost = try first.read { try $0.counters() }
    try primary.halt()
    try standby.start()
    try standby.promote()
    let second = try truth(both)
    #expect(try second.read { $0.number } < kept + 25)
    // One sees it before, the other one after, as much as was lost was changed again.
    try expectEqual(copies[0], second, "at once")
    #expect(copies[0].replication?.rollbacks == 1)
    copies[1].follower.stop()
    while try second.read({ try $0.counters().sequence }) <= lost.sequence { try changes.change(second) }
    for (place, store) in copies.enumerated() { try expectEqual(store, second, "copy \(place)") }
    #expect(copies[2].replication?.rollbacks == 0 && copies[2].replication?.copies == 1)
    #expect(try copies.prefix(2).map { try $0.read { try $0.history() } }.allSatisfy { $0 > 1 })
    for _ in 0..<20 { try changes.change(copies[1]) }
    for (place, store) in copies.enumerated() { try expectEqual(store, second, "copy \(place)") }
  }

  @Test("a copy of a standby follows without notifications, and says that it takes no changes")
  func standby() throws {
    let primary = try PostgresServer()
    defer { primary.stop() }
    let truth = try truth(primary.url("faces"))
    var changes = RandomChanges(seed: 8)
    for _ in 0..<10 { try changes.change(truth) }
    let standby = try PostgresServer(standbyOf: primary)
    defer { standby.stop() }
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let store = try copy(standby.url("faces"), folder.url)
    for _ in 0..<10 { try changes.change(truth) }
    let number = try truth.read { Int64($0.number) }
    let hasFollowed = eventually { store.replication?.commits == number }
    #expect(hasFollowed)
    try expectEqual(store, truth)
    let refused = #expect(throws: GalleryError.self) { try changes.change(store) }
    #expect(refused?.code == .readOnly, "\(String(describing: refused))")
  }

  @Test(
    "without a network the copy answers, changes are refused, and what was changed elsewhere is followed afterwards"
  )
  func network() throws {
    let server = try #require(PostgresServer.shared)
    let proxy = try PostgresProxy(to: server.port)
    defer { proxy.stop() }
    let url = server.newURL()
    let truth = try truth(url)
    var changes = RandomChanges(seed: 31)
    for _ in 0..<20 { try changes.change(truth) }
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let behind = url.replacing(":\(server.port)/", with: ":\(proxy.port)/")
    do {
      let store = try copy(behind, folder.url)
      let before = try digest(store)
      proxy.cutNetwork()
      let refused = #expect(throws: GalleryError.self) {
        try store.write { writer throws in _ = try writer.insert(PersonName("Somebody")) }
      }
      #expect(refused?.code == .unavailable, "\(String(describing: refused))")
      #expect(try digest(store) == before)
      let isTold = eventually { store.replication?.problem != nil && store.replication?.isConnected == false }
      #expect(isTold)
      for _ in 0..<20 { try changes.change(truth) }
      #expect(try digest(store) == before)
      proxy.mendNetwork()
      let number = try truth.read { Int64($0.number) }
      let hasFollowed = eventually { store.replication?.commits == number }
      #expect(hasFollowed && store.replication?.problem == nil)
      try expectEqual(store, truth)
    }
    // It is opened without the server, too.
    proxy.cutNetwork()
    let store = try copy(behind, folder.url)
    #expect(try store.read { try $0.faceCount() } == truth.read { try $0.faceCount() })
    proxy.mendNetwork()
    try store.write { writer throws in _ = try writer.insert(PersonName("Somebody")) }
    #expect(try truth.read { snapshot throws in try snapshot.person(named: PersonName("Somebody")) } != nil)
  }

  @Test("a first copy that is interrupted goes on, and ends equal to a truth that was changed meanwhile")
  func interruption() throws {
    let server = try #require(PostgresServer.shared)
    let proxy = try PostgresProxy(to: server.port)
    defer { proxy.stop() }
    let url = server.newURL()
    let truth = try truth(url)
    var changes = RandomChanges(seed: 77)
    for _ in 0..<80 { try changes.change(truth) }
    while try truth.read({ try $0.faceCount() }) < 60 { try changes.change(truth) }
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let local = try LMDBStore(
      at: folder.url, access: .createIfMissing,
      head: GalleryHead(uuid: truth.uuid, created: truth.created, replica: ReplicaState(server: "here")))
    struct Stop: Error {}
    // It ends after the faces were copied, before anything else is.
    let copier = ReplicaCopier(local: local, truth: truth, stretchLength: 7) { faces throws in
      if faces >= 30 { throw Stop() }
    }
    #expect(throws: Stop.self) { try copier.run() }
    #expect(throws: GalleryError.self) { try LMDBStore(at: folder.url, access: .existing) }
    let state = try #require(try local.replicaState())
    #expect(!state.isComplete && state.copied > 0)
    for _ in 0..<60 { try changes.change(truth) }
    let store = try copy(url, folder.url)
    try expectEqual(store, truth)
    #expect(
      try store.replication?.isCopying == false
        && LMDBStore(at: folder.url, access: .existing).uuid == truth.uuid)
  }

  @Test("a process that follows is killed at random many times, and the copy goes on where it was")
  func kills() throws {
    let url = try #require(PostgresServer.shared).newURL()
    let truth = try truth(url)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    var changes = RandomChanges(seed: 50)
    for _ in 0..<60 { try changes.change(truth) }
    var random = SplitMix64(4)
    var followed = 0
    for round in 0..<50 {
      let process = try SecondProcess("follow", folder.path, url)
      #expect(process.waitForLines(1).hasPrefix("begun"))
      // While it opens the copy, or follows.
      if round % 2 == 0 { Thread.sleep(forTimeInterval: Double(random.next() % 60) / 1000) }
      for _ in 0..<random.next() % 6 { try changes.change(truth) }
      if round % 2 == 1 { Thread.sleep(forTimeInterval: Double(random.next() % 30) / 1000) }
      process.kill()
      if process.finish().output.contains("follows") { followed += 1 }
      if round % 10 == 9, let local = try? LMDBStore(at: folder.url, access: .existing) {
        let report = try local.check(repair: false, progress: nil)
        #expect(report.isHealthy, "round \(round) \(report.findings)")
      }
    }
    #expect(followed > 5)
    try expectEqual(copy(url, folder.url), truth)
  }
}
