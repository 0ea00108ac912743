import FaceGallery
import Foundation
import Support

/// Flips bits of a gallery's files, one a round, and does with it what people do.
enum GalleryFlipJobs {
  /// What is asked of a gallery; each an answer or an error.
  private enum Question: String, CaseIterable {
    case list, faces, export, query, check, tag, add, backup, undo
  }

  private static func fill(_ folder: String) throws {
    let gallery = try GalleryJobs.open(folder)
    for number in 0..<UInt64(120) {
      let person = "person \(number % 40)"
      _ = try gallery.add(GalleryJobs.embedding(number), as: person)
    }
    for name in ["person 7", "person 23"] {
      if let person = try gallery.person(named: name) { try gallery.remove(person.id) }
    }
    for name in ["person 3", "person 5", "person 38"] {
      if let person = try gallery.person(named: name) {
        try gallery.tag(person.id, ["team": "red"])
      }
    }
    try gallery.saveSnapshot()
    for number in 120..<UInt64(130) {
      _ = try gallery.add(GalleryJobs.embedding(number), as: "late \(number % 3)")
    }
  }

  private static func exported(_ gallery: Gallery, _ folder: String) throws -> String {
    let file = URL(filePath: folder + ".jsonl")
    _ = try gallery.exportEmbeddings(to: file, format: .jsonLines)
    return try String(contentsOf: file, encoding: .utf8)
  }

  private static func people(_ gallery: Gallery) throws -> String {
    try gallery.people().map { "\($0.id) \($0.name) \($0.faceCount)" }.joined(separator: "\n")
  }

  private static func answer(_ question: Question, _ folder: String) throws -> String {
    let access: GalleryOptions.Access = [.tag, .add, .undo].contains(question) ? .existing : .readOnly
    let gallery = try Gallery.open(
      at: URL(filePath: folder),
      options: GalleryOptions(access: access, fingerprint: GalleryJobs.fingerprint))
    switch question {
    case .list: return try people(gallery)
    case .faces:
      return try gallery.people().map { person in
        let faces = try gallery.faces(of: person.id).map { "\($0.id) \($0.person) \($0.added)" }
        return "\(person.name): \(faces) \(try gallery.tags(of: person.id))"
      }.joined(separator: "\n")
    case .export: return try exported(gallery, folder)
    case .query:
      return try stride(from: UInt64(0), to: 130, by: 9).map { number in
        let answer = try gallery.query(
          GalleryJobs.embedding(number), options: QueryOptions(k: 3, threshold: 0.5, rule: .bestFace))
        return answer.candidates.map { "\($0.name) \($0.face) \($0.similarity)" }.joined(separator: ", ")
      }.joined(separator: "\n")
    case .check:
      // Damage that is found is an answer like an error.
      let report = try gallery.check(recallSample: 0)
      return report.isHealthy ? try people(gallery) + exported(gallery, folder) : ""
    case .tag:
      guard let person = try gallery.person(named: "person 11") else { return "nobody" }
      try gallery.tag(person.id, ["a": "b"])
      return try "\(gallery.tags(of: person.id))\n" + people(gallery) + exported(gallery, folder)
    case .add:
      let face = try gallery.add(GalleryJobs.embedding(500), as: "person 11")
      return try "\(face)\n" + people(gallery)
    case .backup:
      let copy = folder + "-copy"
      try? FileManager.default.removeItem(atPath: copy)
      try gallery.backup(to: URL(filePath: copy))
      let backup = try Gallery.open(at: URL(filePath: copy), options: GalleryOptions(access: .readOnly))
      return try people(backup) + exported(backup, folder)
    case .undo:
      let returned = try gallery.undo()
      return try "\(returned)\n" + people(gallery) + exported(gallery, folder)
    }
  }

  /// The first line in which two answers differ.
  private static func difference(_ answer: String, _ expected: String) -> String {
    let lines = [answer, expected].map { $0.split(separator: "\n") }
    let pairs = zip(lines[0], lines[1])
    guard let (found, wanted) = pairs.first(where: { $0 != $1 }) else {
      return "\(lines[0].count) lines instead of \(lines[1].count)"
    }
    return "“\(found.prefix(300))” instead of “\(wanted.prefix(300))”"
  }

  /// Prints each flip before it is tried, so that the one that ends the process is known, and at the end how they went.
  ///
  /// - Parameter isSnapshot: Whether bits of `index.snapshot` are flipped instead of `data.mdb`.
  static func run(_ folder: String, from first: Int, count: Int, isSnapshot: Bool) throws {
    let (base, trial) = (folder + "/base", folder + "/trial")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try fill(base)
    let names = ["data.mdb", "index.snapshot"]
    let files = try names.map { [UInt8](try Data(contentsOf: URL(filePath: "\(base)/\($0)"))) }
    let layout = DatabaseLayout(files[0])
    var expected: [Question: String] = [:]
    var (same, refused, wrong) = (0, 0, 0)
    for round in first - 1..<first + count {
      var bytes = files
      var flip: Flip?
      if round >= first {
        var generator = SplitMix64(UInt64(round))
        let file = isSnapshot ? 1 : 0
        // Half of them where it hurts, half anywhere.
        let found =
          round & 1 == 0 && !isSnapshot
          ? layout.flip(&generator)
          : Flip(
            offset: Int.random(in: bytes[file].indices, using: &generator),
            bit: Int.random(in: 0..<8, using: &generator))
        flip = found
        found.apply(to: &bytes[file])
        report("flip \(round): \(names[file]) \(found)")
      }
      for question in Question.allCases {
        try? FileManager.default.removeItem(atPath: trial)
        try FileManager.default.createDirectory(atPath: trial, withIntermediateDirectories: true)
        for (name, data) in zip(names, bytes) { try Data(data).write(to: URL(filePath: "\(trial)/\(name)")) }
        do {
          let answer = try answer(question, trial)
          guard flip != nil else {
            expected[question] = answer
            continue
          }
          if answer == expected[question] {
            same += 1
          } else if question == .check, answer.isEmpty {
            refused += 1
          } else {
            wrong += 1
            report("wrong: flip \(round) \(question), \(difference(answer, expected[question] ?? ""))")
          }
        } catch let error as GalleryError {
          guard flip != nil else { throw error }
          refused += 1
        }
      }
    }
    report("same \(same) refused \(refused) wrong \(wrong)")
  }
}
