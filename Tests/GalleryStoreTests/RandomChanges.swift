import FaceEngine
import Foundation
import Support

@testable import GalleryStore

/// Changes of every kind that a store knows, in a random order that a seed decides.
struct RandomChanges {
  private var random: SplitMix64
  private var names = 0
  private(set) var kinds: [String: Int] = [:]

  static func engine(_ dimension: Int, _ digest: String = "0123") -> EngineIdentity {
    EngineIdentity(
      fingerprint: EngineFingerprint(
        alignment: "none", weightsDigest: digest, preprocessing: "none", normalization: "unit length",
        dimension: dimension),
      operatingPoint: nil, engine: nil)
  }

  init(seed: UInt64) { random = SplitMix64(seed) }

  mutating func vector(_ dimension: Int) -> [Float] {
    let raw = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
    let length = raw.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return raw.map { $0 / length }
  }

  private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

  private func some<Element>(_ elements: [Element], _ number: Int) -> Element? {
    elements.isEmpty ? nil : elements[number % elements.count]
  }

  /// Makes one change; most kinds are likely, a new engine is not.
  mutating func change(_ store: any Store) throws {
    if try store.read({ try $0.fingerprint() }) == nil {
      try store.write { _ = try $0.settleEngine(Self.engine(8)) }
    }
    // A body may run more than once, so all that is random is decided before.
    let kind = number(24)
    let (first, second, third) = (number(1 << 20), number(1 << 20), number(1 << 20))
    names += 1
    let name = try PersonName("Person \(number(60))")
    let newName = try PersonName("Person \(names + 100)")
    let dimension = try store.read { try $0.fingerprint()?.dimension ?? 8 }
    let vectors = (0..<1 + number(4)).map { _ in vector(dimension) }
    let photo = UInt8(number(40))
    let newVector = vector(dimension)
    let word = try store.write { writer throws -> String in
      let people = try writer.people(after: nil, offset: 0, limit: 1_000)
      let faces =
        try writer.people(after: nil, offset: 0, limit: 1_000).flatMap { try writer.faces(of: $0) }
        + writer.faces(of: .unnamed)
      let (person, other) = (some(people, first), some(people, second))
      let (face, another) = (some(faces, first), some(faces, second))
      switch kind {
      case 0...5:
        let owner: PersonID =
          first % 5 == 0 ? .unnamed : try writer.person(named: name) ?? writer.insert(name)
        for (place, vector) in vectors.enumerated() {
          let box = PixelRect(x: place * 50, y: 0, width: 40, height: 40)
          let record = StoredFace(
            person: owner, added: .storable, photo: second % 3 == 0 ? nil : PhotoDigest(of: [photo]),
            detection: second % 3 == 0
              ? nil
              : DetectedFace(
                box: box, landmarks: [PixelPoint(x: 1, y: 2)],
                quality: FaceQuality(size: 40, sharpness: 1, yaw: 0, roll: 0, detectorScore: 1)),
            path: third % 2 == 0 ? "folder/\(photo).jpg" : nil)
          _ = try writer.insert(
            record, vector: VectorBytes.encode(vector), thumbnail: third % 3 == 0 ? [0xFF, 0xD8, photo] : nil)
        }
        return "add"
      case 6:
        guard let face else { return "" }
        _ = try writer.remove(faces: [face], keeping: second % 2 == 0)
        return "remove face"
      case 7, 8:
        guard let person else { return "" }
        _ = try writer.remove(people: [person], keeping: second % 3 != 0)
        return "remove person"
      case 9:
        // With the engine of now only.
        guard let removal = try writer.removals().last,
          try removal.engine?.digest == writer.fingerprint()?.digest
        else { return "" }
        _ = try writer.undo(removal.number)
        return "undo"
      case 10:
        guard let person else { return "" }
        try writer.changeName(of: person, to: newName)
        return "rename"
      case 11:
        guard let person, let other, person != other else { return "" }
        let (one, two) = (
          try writer.personRecord(person)?.name ?? "", try writer.personRecord(other)?.name ?? ""
        )
        try writer.changeName(of: person, to: newName)
        try writer.changeName(of: other, to: PersonName(one))
        try writer.changeName(of: person, to: PersonName(two))
        return "exchange of names"
      case 12:
        guard let person, let other, person != other else { return "" }
        try writer.merge(person, into: other)
        return "merge"
      case 13:
        guard let person, let face else { return "" }
        try writer.move(face, to: third % 4 == 0 ? .unnamed : person)
        return "move"
      case 14:
        guard let person else { return "" }
        try writer.setTag(
          "team \(second % 3)", third % 4 == 0 ? nil : "value \(third % 5)", of: .person(person))
        try writer.noteTags(of: person)
        return "tag of a person"
      case 15, 16:
        guard let face, let record = try writer.faceRecord(face) else { return "" }
        try writer.setTag("place \(second % 3)", third % 4 == 0 ? nil : "value \(third % 5)", of: .face(face))
        try writer.noteTags(of: record.person)
        return "tag of a face"
      case 17:
        guard let person, let own = try writer.faces(of: person).first else { return "" }
        try writer.setPicture(third % 3 == 0 ? nil : own, of: person)
        return "picture"
      case 18:
        guard let face else { return "" }
        try writer.setPath("moved/\(third).jpg", of: face)
        return "path"
      case 19:
        let unnamed = try writer.faces(of: .unnamed)
        let middle = unnamed.count / 2
        try writer.setGroups([Array(unnamed[..<middle]), Array(unnamed[middle...])])
        return "groups"
      case 20:
        let unnamed = try writer.faces(of: .unnamed)
        guard let one = some(unnamed, first), let first = unnamed.first else { return "" }
        try writer.setGroup(first.rawValue, of: one)
        return "group"
      case 21:
        _ = try writer.insert(newName)
        return "person without faces"
      case 22 where third % 4 == 0:
        _ = try writer.removeEverybody(keeping: second % 2 == 0)
        return "remove everybody"
      case 22 where third % 4 == 1:
        _ = try writer.forgetExpiredRemovals(now: .now.addingTimeInterval(25 * 3600))
        return "forget removals"
      case 23 where third % 5 == 0:
        try writer.replaceVectors(of: Self.engine(dimension, "engine \(third)")) { _, _ in
          VectorBytes.encode(newVector)
        }
        return "new engine"
      default:
        guard let face, let another else { return "" }
        try writer.forgetRemoved(like: [face, another])
        return "forget what is kept"
      }
    }
    if !word.isEmpty { kinds[word, default: 0] += 1 }
  }
}
