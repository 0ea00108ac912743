import FaceGallery
import Testing

/// What a killed `gallerycrasher work` had acknowledged, line by line.
struct Journal {
  private(set) var faces: [FaceID: (number: UInt64, name: String)] = [:]
  private(set) var removed: Set<FaceID> = []
  private(set) var gone: Set<PersonID> = []
  private(set) var names: [PersonID: String] = [:]

  init(_ output: String) {
    // A line without its end was not written as a whole.
    for line in output.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let words = line.split(separator: " ", maxSplits: 3)
      guard words.count >= 2, let number = UInt64(words[1]) else { continue }
      switch words[0] {
      case "added": faces[FaceID(rawValue: number)] = (UInt64(words[2]) ?? 0, String(words[3]))
      case "removed": removed.insert(FaceID(rawValue: number))
      case "merged": gone.insert(PersonID(rawValue: number))
      case "renamed": names[PersonID(rawValue: number)] = words.dropFirst(2).joined(separator: " ")
      default: Issue.record("an unknown line: \(line)")
      }
    }
  }

  /// Checks that a gallery holds all of it.
  func check(_ gallery: Gallery) throws {
    for (id, face) in faces where !removed.contains(id) {
      let stored = try gallery.embedding(of: id)
      // The line about a removal may have been lost with the process.
      guard let stored else {
        #expect(face.name.hasSuffix("again"), "face \(id) was acknowledged and is gone")
        continue
      }
      #expect(try stored.cosineSimilarity(to: Numbered.embedding(face.number)) > 0.9999)
    }
    for id in removed { #expect(try gallery.face(id) == nil) }
    for id in gone { #expect(try gallery.person(id) == nil) }
    for (id, name) in names where !gone.contains(id) {
      #expect(try gallery.person(id)?.name.hasPrefix(String(name.prefix { $0 != " " })) == true)
      #expect(try gallery.person(id)?.name.contains(" ") == true)
    }
  }
}

/// The embeddings of `gallerycrasher`.
enum Numbered {
  static func embedding(_ number: UInt64) throws -> Embedding {
    var state = number
    return try Embedding(
      normalizing: (0..<128).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
      })
  }
}
