import FaceEngine
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import GalleryStore

/// A primary with a synchronous standby, which takes its place.
@Suite(
  "A failover of PostgreSQL", .serialized,
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct PostgresFailoverTests {
  /// What clients were told of what they added.
  private final class Ledger: Sendable {
    let acknowledged = Mutex<Set<String>>([])
    let inDoubt = Mutex<Set<String>>([])
    let isOver = Atomic(false)
    let others = Mutex<[String]>([])
  }

  private static func add(_ name: String, _ store: PostgresStore) throws {
    try store.write { writer throws in
      try writer.settleEngine(RandomChanges.engine(8))
      let person = try writer.insert(PersonName(name))
      let record = StoredFace(person: person, added: .storable, photo: nil, detection: nil, path: nil)
      _ = try writer.insert(record, vector: VectorBytes.encode([1, 0, 0, 0, 0, 0, 0, 0]), thumbnail: nil)
    }
  }

  /// Adds until it is over.
  private static func work(_ url: URL, _ prefix: String, _ ledger: Ledger) {
    var store: PostgresStore?
    var number = 0
    while !ledger.isOver.load(ordering: .relaxed) {
      let name = "\(prefix) \(number)"
      number += 1
      do {
        let open = try store ?? PostgresStore(at: url, access: .existing)
        store = open
        try add(name, open)
        ledger.acknowledged.withLock { _ = $0.insert(name) }
      } catch let error as GalleryError where error.code == .outcomeUnknown {
        ledger.inDoubt.withLock { _ = $0.insert(name) }
      } catch let error as GalleryError where error.code == .unavailable {
        // Nothing was changed, as it says.
      } catch {
        ledger.others.withLock { $0.append("\(error)") }
        return
      }
    }
  }

  @Test(
    "nothing that was acknowledged is lost when the primary is killed while four clients add, and a copy follows over to the new one"
  )
  func acknowledged() throws {
    var primary = try PostgresServer()
    defer { primary.stop() }
    _ = try PostgresStore(
      at: #require(try Stores.address(primary.url("faces"))), access: .createIfMissing)
    let ledger = Ledger()
    for round in 0..<4 {
      let standby = try PostgresServer(standbyOf: primary)
      try primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
      try primary.run("SELECT pg_reload_conf()")
      let old = primary
      #expect(
        try eventually { try old.run("SELECT sync_state FROM pg_stat_replication").hasPrefix("sync") })
      let url = try #require(
        try Stores.address(
          "postgresql://postgres@127.0.0.1:\(old.port),127.0.0.1:\(standby.port)/postgres?gallery=faces&sslmode=disable"
            + "&target_session_attrs=read-write"))
      let folder = try TemporaryFolder()
      defer { withExtendedLifetime(folder) {} }
      let copy = try ReplicaStore(of: url, in: folder.url)
      let ended = DispatchGroup()
      ledger.isOver.store(false, ordering: .relaxed)
      for client in 0..<4 {
        ended.enter()
        Thread.detachNewThread {
          Self.work(url, "round \(round) client \(client)", ledger)
          ended.leave()
        }
      }
      func count() -> Int { ledger.acknowledged.withLock { $0.count } }
      let before = count()
      let isBusy = eventually { count() >= before + 20 || !ledger.others.withLock { $0.isEmpty } }
      #expect(isBusy)
      try old.halt()
      try standby.promote()
      let between = count()
      let goesOn = eventually { count() >= between + 20 || !ledger.others.withLock { $0.isEmpty } }
      #expect(goesOn)
      ledger.isOver.store(true, ordering: .relaxed)
      ended.wait()
      #expect(ledger.others.withLock { $0 } == [])

      let store = try PostgresStore(at: url, access: .existing)
      let there = try store.read { Set(try $0.people().map(\.name)) }
      let (told, doubts) = (ledger.acknowledged.withLock { $0 }, ledger.inDoubt.withLock { $0 })
      #expect(told.subtracting(there) == [])
      // Nobody is there of whom it was said that nothing was changed.
      #expect(there.subtracting(told).subtracting(doubts) == [])
      #expect(try store.read { try $0.faceCount() } == there.count)
      let number = try store.read { Int64($0.number) }
      let hasFollowed = eventually { copy.replication?.commits == number }
      #expect(hasFollowed)
      #expect(
        try copy.read { try StoreDigest(of: $0) }.differences(from: store.read { try StoreDigest(of: $0) })
          == [])
      // What is not with the standby yet is seen by nobody.
      #expect(copy.replication?.rollbacks == 0)
      #expect(try store.check(repair: false, progress: nil).isHealthy)
      old.stop()
      primary = standby
    }
  }
}
