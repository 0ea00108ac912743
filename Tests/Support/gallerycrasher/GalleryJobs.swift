import FaceGallery
import Foundation

enum GalleryJobs {
  static let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "0123", preprocessing: "none",
    normalization: "unit length", dimension: 128)

  static func open(_ folder: String) throws -> Gallery {
    try Gallery.open(
      at: URL(filePath: folder),
      options: GalleryOptions(
        fingerprint: fingerprint, changesBeforeSnapshot: 200))
  }

  /// The embedding that belongs to a number: the test computes the same.
  static func embedding(_ number: UInt64) throws -> Embedding {
    var state = number
    return try Embedding(
      normalizing: (0..<128).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
      })
  }

  /// Adds, renames, merges and removes until it is killed or `count` rounds are over, saving the index now and
  /// then; prints what was done when it is acknowledged.
  ///
  /// Lines: `added FACE NUMBER NAME`, `renamed OLD NEW`, `merged SOURCE TARGET`, `removed FACE`.
  static func work(_ folder: String, count: Int, worker: Int) throws {
    let gallery = try open(folder)
    for round in 0..<count {
      let number = UInt64(worker) << 32 | UInt64(round)
      let name = "w\(worker)-\(round % 17)"
      let face = try gallery.add(embedding(number), as: name)
      report("added \(face) \(number) \(name)")
      if round % 5 == 4 {
        let other = try gallery.add(embedding(number | 1 << 24), as: "\(name) again")
        report("added \(other) \(number | 1 << 24) \(name) again")
        if let source = try gallery.person(named: "\(name) again"),
          let target = try gallery.person(named: name)
        {
          try gallery.merge(source.id, into: target.id)
          report("merged \(source.id) \(target.id)")
        }
        try gallery.remove(other)
        report("removed \(other)")
      }
      if round % 23 == 22, let person = try gallery.person(named: name) {
        try gallery.rename(person.id, to: "\(name) \(round)")
        report("renamed \(person.id) \(name) \(round)")
      }
      if round % 40 == 39 { try gallery.saveSnapshot() }
      if round % 10 == 9 {
        _ = try gallery.query(embedding(number), options: QueryOptions(threshold: 0.5, plan: .graph))
      }
    }
    try gallery.close()
  }

  /// Removes somebody by name.
  static func remove(_ folder: String, _ name: String) throws {
    let gallery = try open(folder)
    if let person = try gallery.person(named: name) { try gallery.remove(person.id) }
    report("done")
    try gallery.close()
  }

  /// Undoes the latest removal.
  static func undo(_ folder: String) throws {
    let gallery = try open(folder)
    try gallery.undo()
    report("done")
    try gallery.close()
  }

  /// Removes everybody for good.
  static func purge(_ folder: String) throws {
    let gallery = try open(folder)
    try gallery.removeAllPeople(purge: true)
    report("done")
    try gallery.close()
  }

  /// Adds embeddings, printing each face, with files limited to `limit` bytes: writes beyond fail as on a full
  /// disk.
  static func fill(_ folder: String, count: Int, limit: Int) throws {
    let gallery = try open(folder)
    signal(SIGXFSZ, SIG_IGN)
    var bounds = rlimit(rlim_cur: rlim_t(limit), rlim_max: rlim_t(limit))
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &bounds)
    do {
      for number in 0..<UInt64(count) { report("\(try gallery.add(embedding(number), as: "somebody"))") }
    } catch let error as GalleryError {
      report("error \(error.code): \(error)")
      // Reading goes on.
      let answer = try gallery.query(embedding(0), options: QueryOptions(k: 1, threshold: 0.5))
      report("found \(answer.candidates.map(\.face))")
      exit(1)
    }
  }

  /// Opens the gallery as a user without rights.
  static func openAsNobody(_ folder: String) throws {
    if geteuid() == 0 { setuid(65534) }
    do {
      _ = try open(folder).info()
      report("opened")
    } catch let error as GalleryError {
      report("error \(error.code): \(error)")
      exit(1)
    }
  }

  /// Reads on and on beside other programs: for every line, a person's name, it says how often the face that the
  /// gallery has of that person is found to be that person's; a line `OLD=NEW` renames.
  static func watch(_ folder: String) throws {
    let gallery = try Gallery.open(at: URL(filePath: folder), options: GalleryOptions(access: .existing))
    report("ready")
    while let line = readLine() {
      let names = line.split(separator: "=").map(String.init)
      guard let person = try gallery.person(named: names[0]) else {
        report("nobody is \(names[0])")
        continue
      }
      if names.count > 1 { try gallery.rename(person.id, to: names[1]) }
      var found = 0
      for face in try gallery.faces(of: person.id) {
        guard let embedding = try gallery.embedding(of: face.id) else { continue }
        let answer = try gallery.query(embedding, options: QueryOptions(k: 1, threshold: 0.99))
        if answer.candidates.first?.person == person.id { found += 1 }
      }
      report("\(names.last ?? ""): \(found)")
    }
  }

  /// Answers one query for every line that it reads: the name of the best candidate.
  static func serve(_ folder: String) throws {
    let gallery = try open(folder)
    report("ready")
    while let line = readLine(), let number = UInt64(line) {
      let answer = try gallery.query(
        embedding(number), options: QueryOptions(k: 1, threshold: 0.99, rule: .bestFace))
      report(answer.candidates.first.map { "\($0.face) \($0.similarity >= 0.99) \($0.name)" } ?? "nobody")
    }
  }

  /// Opens a copy that follows the gallery at an address, and says its last change whenever there is another one, until it is killed.
  static func follow(_ folder: String, _ address: String) throws {
    guard let url = try Gallery.address(address) else { throw CocoaError(.fileReadUnknown) }
    report("begun")
    let gallery = try Gallery.open(copyOf: url, in: URL(filePath: folder))
    var last: UInt64?
    while true {
      let sequence = try gallery.replication?.sequence
      if sequence != last { report("follows \(sequence ?? 0)") }
      last = sequence
      Thread.sleep(forTimeInterval: 0.002)
    }
  }
}
