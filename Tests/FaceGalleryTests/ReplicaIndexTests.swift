import FaceEngine
import FaceGallery
import Foundation
import Support
import TestSupport
import Testing

@testable import GalleryStore

/// The index of a copy that follows PostgreSQL, where the numbers of changes and faces were given again.
@Suite(
  "The index of a copy that follows PostgreSQL",
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct ReplicaIndexTests {
  private static let identity = EngineIdentity(
    fingerprint: EngineFingerprint(
      alignment: "none", weightsDigest: "0123", preprocessing: "none", normalization: "unit length",
      dimension: 16),
    operatingPoint: nil, engine: nil)

  private func vector(_ random: inout SplitMix64) -> [Float] {
    let raw = (0..<16).map { _ in Float.random(in: -1...1, using: &random) }
    let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return raw.map { $0 / length }
  }

  /// Adds faces of some people, and gives their vectors.
  private func add(
    _ count: Int, _ people: String, to store: any Store, _ random: inout SplitMix64
  ) throws -> [[Float]] {
    let vectors = (0..<count).map { _ in vector(&random) }
    try store.write { writer throws in
      try writer.settleEngine(Self.identity)
      for (number, vector) in vectors.enumerated() {
        let name = try PersonName("\(people) \(number % 50)")
        let person = try writer.person(named: name) ?? writer.insert(name)
        let record = StoredFace(person: person, added: .storable, photo: nil, detection: nil, path: nil)
        _ = try writer.insert(record, vector: VectorBytes.encode(vector), thumbnail: nil)
      }
    }
    return vectors
  }

  @Test("answers are those of the truth before and after a failover that gives other faces the same numbers")
  func failover() throws {
    let primary = try PostgresServer()
    defer { primary.stop() }
    var random = SplitMix64(3)
    let url = { (text: String) in try #require(try Gallery.address(text)) }
    let first = try PostgresStore(at: url(primary.url("faces")), access: .createIfMissing)
    let kept = try add(1_500, "Kept", to: first, &random)
    let standby = try PostgresServer(standbyOf: primary)
    defer { standby.stop() }
    let both = try url(
      "postgresql://postgres@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)/postgres?gallery=faces&sslmode=disable"
        + "&target_session_attrs=read-write")
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let options = GalleryOptions(fingerprint: Self.identity.fingerprint, changesBeforeSnapshot: 100)
    let copy = try Gallery.open(copyOf: both, in: folder.url, options: options)
    try copy.rebuildIndex()
    func expectSame(_ vectors: [[Float]], _ truth: Gallery, _ word: String) throws {
      for vector in vectors {
        let probe = try Embedding(normalizing: vector)
        for plan in [QueryOptions.Plan.automatic, .graph, .exact] {
          var options = QueryOptions(k: 3, threshold: 0.5)
          options.plan = plan
          let (own, other) = (
            try copy.query(probe, options: options), try truth.query(probe, options: options)
          )
          #expect(own.candidates.first?.name == other.candidates.first?.name, "\(word) \(plan) \(own.plan)")
          if plan == .exact {
            #expect(own.candidates.map(\.face) == other.candidates.map(\.face), "\(word) \(own.plan)")
          }
        }
      }
    }
    func inStep(_ store: PostgresStore) -> Bool {
      eventually {
        try! copy.replication?.commits == store.read { Int64($0.number) }
          && copy.replication?.sequence == store.read { try $0.counters().sequence }
      }
    }
    // These are lost; the copy has them, in its index, too.
    let isThere = try eventually { try standby.run("SELECT commits FROM faces.gallery") == "1" }
    #expect(isThere)
    try standby.halt()
    let lost = try add(200, "Lost", to: first, &random)
    try first.write { try $0.merge(PersonID(rawValue: 1), into: PersonID(rawValue: 2)) }
    #expect(inStep(first))
    try expectSame(
      Array(lost.prefix(10)) + kept.prefix(5), Gallery.open(at: both, options: options), "before")
    try copy.saveSnapshot()

    try primary.halt()
    try standby.start()
    try standby.promote()
    let second = try PostgresStore(at: both, access: .existing)
    #expect(eventually { try! copy.replication?.rollbacks == 1 })
    let truth = try Gallery.open(at: both, options: options)
    try expectSame(Array(lost.prefix(5)) + kept.prefix(5), truth, "after")
    // The same numbers of faces and changes, for others.
    let new = try add(260, "New", to: second, &random)
    #expect(inStep(second))
    try expectSame(Array(new.prefix(20)) + lost.prefix(5) + kept.prefix(5), truth, "changed again")
    try copy.rebuildIndex()
    try expectSame(Array(new.prefix(10)), truth, "rebuilt")
    #expect(try copy.check().isHealthy)
    try copy.close()
    // The saved index of the lost history is not taken for one of this.
    let again = try Gallery.open(copyOf: both, in: folder.url, options: options)
    #expect(try again.check().isHealthy)
    let probe = try Embedding(normalizing: new[7])
    let search = QueryOptions(k: 3, threshold: 0.5)
    #expect(
      try again.query(probe, options: search).candidates.map(\.name)
        == truth.query(probe, options: search).candidates.map(\.name))
  }
}
