internal import FaceEngine
internal import Foundation
internal import Support

/// What a store holds, by its numbers and digests: two stores with the same one hold the same, whatever keeps them.
package struct StoreDigest: Hashable, Sendable {
  /// Parts that are compared, each with a SHA-256 in hexadecimal.
  package enum Part: String, CaseIterable, Sendable {
    case engine
    case people
    case faces
    case groups
    case formerNames
    case removals
  }

  package private(set) var digests: [Part: String] = [:]
  package private(set) var people = 0
  package private(set) var faces = 0
  package let counters: Counters

  private static let pageLength = 1_000

  /// - Parameter progress: Called with the number of faces read.
  /// - Complexity: O(*n*): everything is read.
  package init(of snapshot: borrowing Snapshot, progress: ((Int) throws -> Void)? = nil) throws {
    counters = try snapshot.counters()
    let (print, point) = (try snapshot.fingerprint(), try snapshot.operatingPoint())
    digests[.engine] = SHA256.hexadecimal(
      of: try Self.text(print) + Self.text(point) + Self.text(snapshot.engineSpecification()))
    digests[.formerNames] = SHA256.hexadecimal(of: try Self.text(snapshot.formerNames()))
    try read(people: snapshot)
    try read(faces: snapshot, progress)
    try read(removals: snapshot)
    var groups = ByteWriter()
    for (group, faces) in try snapshot.groups().sorted(by: { $0.key < $1.key }) {
      groups.integer(group)
      for face in faces.sorted() { groups.integer(face.rawValue) }
    }
    digests[.groups] = SHA256.hexadecimal(of: groups.bytes)
  }

  private mutating func read(people snapshot: borrowing Snapshot) throws {
    var (sum, last): (SHA256, UInt64) = (SHA256(), 0)
    while true {
      let page = try snapshot.copiedPeople(after: last, limit: Self.pageLength)
      for person in page {
        var writer = ByteWriter()
        writer.integer(person.id.rawValue)
        writer.raw(EncodedPerson(person.record).encoded)
        writer.tags(person.tags)
        sum.update(writer.bytes)
      }
      people += page.count
      guard page.count == Self.pageLength, let end = page.last else { break }
      last = end.id.rawValue
    }
    digests[.people] = Self.hexadecimal(&sum)
  }

  private mutating func read(faces snapshot: borrowing Snapshot, _ progress: ((Int) throws -> Void)?) throws {
    var (sum, last): (SHA256, UInt64) = (SHA256(), 0)
    while true {
      let page = try snapshot.copiedFaces(after: last, limit: Self.pageLength)
      for face in page {
        var writer = ByteWriter()
        writer.integer(face.id.rawValue)
        writer.raw(EncodedFace(face.record).encoded)
        writer.raw(face.vector)
        writer.integer(UInt64(face.thumbnail?.count ?? 0))
        writer.raw(face.thumbnail ?? [])
        writer.integer(face.group ?? 0)
        writer.tags(face.tags)
        sum.update(writer.bytes)
      }
      faces += page.count
      try progress?(faces)
      guard page.count == Self.pageLength, let end = page.last else { break }
      last = end.id.rawValue
    }
    digests[.faces] = Self.hexadecimal(&sum)
  }

  private mutating func read(removals snapshot: borrowing Snapshot) throws {
    var sum = SHA256()
    for removal in try snapshot.removals() {
      sum.update(try Self.text(removal))
      for id in try snapshot.removedPeople(of: removal.number) {
        if let person = try snapshot.removedPerson(id) { sum.update(person.encoded(as: id)) }
      }
      for id in try snapshot.removedFaces(of: removal.number) {
        if let face = try snapshot.removedFace(id) { sum.update(face.encoded(as: id)) }
      }
    }
    digests[.removals] = Self.hexadecimal(&sum)
  }

  private static func text(_ value: (some Encodable)?) throws -> [UInt8] {
    try value.map { try SealedJSON.encode($0) } ?? [0]
  }

  private static func hexadecimal(_ sum: inout SHA256) -> String {
    sum.finish().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  /// The parts in which another one differs.
  package func differences(from other: StoreDigest) -> [Part] {
    Part.allCases.filter { digests[$0] != other.digests[$0] }
  }
}
