import Foundation
import Support
import TestSupport
import Testing

@testable import GalleryStore

/// Galleries that are copied from folders to PostgreSQL, and back.
@Suite(
  "Copies between folders and PostgreSQL",
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct StoreCopyTests {
  private struct Stop: Error {}

  private func url(_ text: String) throws -> URL { try #require(try Stores.address(text)) }

  private func newURL() throws -> URL { try url(try #require(PostgresServer.shared).newURL()) }

  private func digest(_ store: any Store) throws -> StoreDigest { try store.read { try StoreDigest(of: $0) } }

  private func changes(_ store: any Store) throws -> [Change] {
    try store.read { snapshot throws in
      var changes: [Change] = []
      try snapshot.forEachChange(after: snapshot.counters().trimmed) { changes.append($1) }
      return changes
    }
  }

  private func code(_ body: () throws -> Void) -> GalleryError.Code? {
    do { try body() } catch { return (error as? GalleryError)?.code }
    return nil
  }

  @Test("everything arrives, both ways, and is changed there as anywhere", arguments: [11, 12])
  func bothWays(seed: UInt64) throws {
    var random = RandomChanges(seed: seed)
    let (folder, back) = (try TemporaryFolder(), try TemporaryFolder())
    defer { withExtendedLifetime((folder, back)) {} }
    let source = try LMDBStore(at: folder.url, access: .createIfMissing)
    for _ in 0..<120 { try random.change(source) }
    let before = try digest(source)
    let address = try newURL()
    let report = try StoreCopy(stretchLength: 7).run(from: folder.url, to: address)
    #expect(report.people == before.people && report.faces == before.faces)
    let server = try PostgresStore(at: address, access: .existing)
    let there = try digest(server)
    #expect(there.differences(from: before) == [] && there.counters == before.counters)
    #expect(try changes(server) == changes(source) && server.uuid == source.uuid)
    #expect(try server.check(repair: false, progress: nil).isHealthy)
    // It goes on with its numbers, and is followed by copies.
    for _ in 0..<30 { try random.change(server) }
    #expect(try server.check(repair: false, progress: nil).isHealthy)
    let place = try TemporaryFolder()
    defer { withExtendedLifetime(place) {} }
    let copy = try ReplicaStore(of: address, in: place.url)
    #expect(try digest(copy).differences(from: digest(server)) == [])

    let returned = try StoreCopy(stretchLength: 7).run(from: address, to: back.url)
    let local = try LMDBStore(at: back.url, access: .existing)
    let (own, other) = (try digest(local), try digest(server))
    #expect(own.differences(from: other) == [] && own.counters == other.counters)
    #expect(returned.sequence == other.counters.sequence)
    #expect(local.replication == nil && local.uuid == source.uuid)
    #expect(try changes(local) == changes(server))
    for _ in 0..<20 { try random.change(local) }
    #expect(try local.check(repair: false, progress: nil).isHealthy)
  }

  @Test("a copy that is interrupted cannot be opened, and goes on")
  func interruption() throws {
    var random = RandomChanges(seed: 5)
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let source = try LMDBStore(at: folder.url, access: .createIfMissing)
    while try source.read({ try $0.faceCount() }) < 60 { try random.change(source) }
    let address = try newURL()
    var copied = 0
    for limit in [20, 40] {
      #expect(throws: Stop.self) {
        try StoreCopy(stretchLength: 5) { isCompared, count, _ in
          if !isCompared { copied = max(copied, count) }
          if count >= limit { throw Stop() }
        }.run(from: folder.url, to: address)
      }
      #expect(code { _ = try PostgresStore(at: address, access: .createIfMissing) } == .unavailable)
    }
    var counts: [Int] = []
    _ = try StoreCopy(stretchLength: 5) { isCompared, count, _ in if !isCompared { counts.append(count) } }
      .run(from: folder.url, to: address)
    // What had arrived was not copied once more: two times 20 and 40 faces.
    #expect(counts.count < 10, "\(counts)")
    let server = try PostgresStore(at: address, access: .existing)
    #expect(try digest(server).differences(from: digest(source)) == [])

    // A source that was changed meanwhile is copied from the beginning.
    let other = try newURL()
    #expect(throws: Stop.self) {
      try StoreCopy(stretchLength: 5) { _, _, _ in throw Stop() }.run(from: folder.url, to: other)
    }
    for _ in 0..<20 { try random.change(source) }
    _ = try StoreCopy(stretchLength: 5).run(from: folder.url, to: other)
    #expect(
      try digest(PostgresStore(at: other, access: .existing)).differences(from: digest(source)) == [])

    let back = try TemporaryFolder()
    defer { withExtendedLifetime(back) {} }
    for isCompared in [false, true] {
      #expect(throws: Stop.self) {
        try StoreCopy(stretchLength: 5) { compared, count, _ in
          if compared == isCompared, count >= 20 { throw Stop() }
        }.run(from: other, to: back.url)
      }
      #expect(code { _ = try LMDBStore(at: back.url, access: .existing) } == .unavailable)
      #expect(code { _ = try ReplicaStore(of: other, in: back.url) } == .invalidArgument)
    }
    let truth = try PostgresStore(at: other, access: .existing)
    for _ in 0..<20 { try random.change(truth) }
    _ = try StoreCopy(stretchLength: 5).run(from: other, to: back.url)
    #expect(
      try digest(LMDBStore(at: back.url, access: .existing)).differences(from: digest(truth)) == [])
  }

  @Test("what would be lost, or be written over, is refused before anything is done")
  func refusals() throws {
    let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
    defer { withExtendedLifetime((folder, other)) {} }
    let (address, second) = (try newURL(), try newURL())
    let copier = StoreCopy()
    #expect(code { _ = try copier.run(from: folder.url, to: address) } == .notFound)
    let source = try LMDBStore(at: folder.url, access: .createIfMissing)
    #expect(code { _ = try copier.run(from: folder.url, to: other.url) } == .invalidArgument)
    #expect(code { _ = try copier.run(from: address, to: other.url) } == .notFound)
    _ = try PostgresStore(at: address, access: .createIfMissing)
    #expect(code { _ = try copier.run(from: folder.url, to: address) } == .invalidArgument)
    #expect(code { _ = try copier.run(from: address, to: second) } == .invalidArgument)
    #expect(code { _ = try copier.run(from: address, to: folder.url) } == .invalidArgument)
    try source.setAudit(true)
    let audited = #expect(throws: GalleryError.self) { try copier.run(from: folder.url, to: second) }
    #expect(audited?.message.contains("audit off") == true)
    #expect(try !Stores.exists(at: second))
    try source.setAudit(false)
    _ = try copier.run(from: folder.url, to: second)
    // A copy that follows is no source.
    let place = try TemporaryFolder()
    defer { withExtendedLifetime(place) {} }
    let copy = try ReplicaStore(of: second, in: place.url)
    #expect(code { _ = try copier.run(from: place.url, to: newURL()) } == .invalidArgument)
    #expect(copy.replication?.isConnected == true)
    // A folder of photos is none of a gallery.
    try Data().write(to: other.url.appending(path: "photo.jpg"))
    #expect(code { _ = try copier.run(from: second, to: other.url) } != nil)
  }
}
