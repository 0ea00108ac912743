import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// `galleryctl train` as a process: on a few photos of five people, behind convolutions of random weights.
@Suite("Training as a process", .needsPhotos, .serialized)
struct TrainingProcessTests {
  private struct Replies: Decodable {
    struct Features: Decodable {
      let photos, withoutFace, computed, reused: Int
      let unreadable: [String]
    }
    let features: Features
    let engine: String?
    let epochs, bestEpoch, peopleTrained: Int
    let validationBefore, validationAfter: Double
  }

  private static let people = [
    "obama": "obama.jpg", "biden": "biden.jpg", "hanks": "hanks.png", "astronaut": "astronaut.png",
    "group": "group.jpg",
  ]

  /// A folder with people in it, three copies of a photo each that differ behind the picture, and a backbone.
  private func scene() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    for (person, photo) in Self.people { try add(person, photo, 3, galleryctl) }
    try backbone(1, "backbone.safetensors", galleryctl)
    return galleryctl
  }

  private func add(_ person: String, _ photo: String, _ copies: Int, _ galleryctl: Galleryctl) throws {
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.photo(photo)))
    let ending = URL(filePath: photo).pathExtension
    for copy in 1...copies {
      _ = try galleryctl.file("people/\(person)/\(copy).\(ending)", bytes + Data("copy \(copy)".utf8))
    }
  }

  /// Convolutions of random weights: VGG16's first, or one with other channels.
  private func backbone(_ seed: Int, _ name: String, channels: Int = 64, _ galleryctl: Galleryctl) throws {
    var state = UInt64(seed)
    let values = (0..<27 * channels).map { _ -> Float in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) * 0.2 - 0.1
    }
    let kernel = Tensor(shape: [3, 3, 3, channels], values: values)
    let network = try Network(
      input: InputShape(),
      nodes: [
        Node(
          "conv",
          .convolution(
            Convolution(kernel: kernel, bias: Array(repeating: 0, count: channels), padding: .same)),
          inputs: [Network.inputName]),
        Node("relu", .relu, inputs: ["conv"]),
        Node(
          "pool",
          .pooling(Pooling(.maximum, window: SlidingWindow(height: 8, width: 8, strideY: 8, strideX: 8))),
          inputs: ["relu"]),
      ])
    try NetworkFile.write(network, to: galleryctl.folder.appending(path: name))
  }

  private func words(
    _ model: String, cache: String = "cache", epochs: Int = 150, _ more: String...
  ) -> [String] {
    [
      "train", "people", "--quiet", "--json", "--backbone", "backbone.safetensors", "--out", model, "--cache",
      cache, "--side", "32", "--components", "8", "--epochs", "\(epochs)", "--patience", "\(epochs)",
      "--validation", "0.4",
    ] + more
  }

  private func bytes(_ name: String, _ galleryctl: Galleryctl) throws -> Data {
    try Data(contentsOf: galleryctl.folder.appending(path: name))
  }

  private func isThere(_ name: String, _ galleryctl: Galleryctl) -> Bool {
    FileManager.default.fileExists(atPath: galleryctl.folder.appending(path: name).path)
  }

  /// Starts a training and ends it by a signal when it has written some checkpoints, which it does after each epoch.
  ///
  /// - Returns: What it said.
  @discardableResult
  private func interrupt(
    _ words: [String], checkpoint: URL, after checkpoints: Int = 1, by number: Int32 = SIGKILL,
    _ galleryctl: Galleryctl
  ) throws -> String {
    let (process, _, errors) = try galleryctl.start(words)
    // Each is a file of its own that takes the last one's place.
    var last: ino_t?
    var seen = 0
    #expect(
      eventually {
        var status = stat()
        if stat(checkpoint.path, &status) == 0, status.st_ino != last {
          last = status.st_ino
          seen += 1
        }
        return seen == checkpoints || !process.isRunning
      })
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    try #require(process.terminationReason == .uncaughtSignal, "it ended before it was killed")
    #expect(process.terminationStatus == number)
    #expect(FileManager.default.fileExists(atPath: checkpoint.path))
    return String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
  }

  /// Expects an output that is what docs/json.schema.json says.
  private func expectValid(_ command: String, _ run: Galleryctl.Run) {
    #expect(throws: Never.self) {
      let problems = try JSONSchema.problems([(command, run.output)])
      #expect(problems.isEmpty, "\(problems)")
    }
  }

  @Test("killed in the midst of an epoch and resumed, it writes the same model to the last byte")
  func killed() throws {
    let galleryctl = try scene()
    let whole = try galleryctl.run(words("whole.safetensors", epochs: 400))
    #expect(whole.status == 0, "\(whole.errors)")
    let record = try whole.json(Replies.self)
    #expect(record.epochs == 400 && record.features.computed == 30)
    expectValid("train", whole)
    for (place, (checkpoints, number)) in [(1, SIGKILL), (3, SIGINT), (9, SIGKILL)].enumerated() {
      let name = "killed\(place)"
      let checkpoint = galleryctl.folder.appending(path: name + ".checkpoint")
      let said = try interrupt(
        words(name + ".safetensors", epochs: 400), checkpoint: checkpoint, after: checkpoints, by: number,
        galleryctl)
      #expect(said.contains("--resume") == (number == SIGINT), "\(said)")
      #expect(!isThere(name + ".safetensors", galleryctl))
      let resumed = try galleryctl.run(words(name + ".safetensors", epochs: 400, "--resume"))
      #expect(resumed.status == 0, "\(resumed.errors)")
      for ending in [".safetensors", ".csv"] {
        #expect(try bytes(name + ending, galleryctl) == bytes("whole" + ending, galleryctl))
      }
      #expect(!isThere(name + ".checkpoint", galleryctl), "the checkpoint stays until the model is written")
    }
    for kind in ["curve", "before", "after", "distances"] {
      #expect(try bytes("whole-\(kind).svg", galleryctl).prefix(5) == Data("<?xml".utf8))
      #expect(try bytes("whole-\(kind).png", galleryctl).prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    }
    #expect(try bytes("whole.csv", galleryctl).count { $0 == 10 } == 401)
  }

  @Test(
    "a disk that is full at a checkpoint: a sentence, the checkpoint before, and the same model once there is room",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func fullAtCheckpoint() throws {
    let galleryctl = try scene()
    let whole = try galleryctl.run(words("whole.safetensors"))
    #expect(whole.status == 0, "\(whole.errors)")
    let disk = try #require(SmallDisk(megabytes: 24))
    let model = disk.url.appending(path: "m.safetensors").path
    let checkpoint = disk.url.appending(path: "m.checkpoint")
    try interrupt(words(model), checkpoint: checkpoint, galleryctl)
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: checkpoint.path)[.size] as? Int)
    for name in try FileManager.default.contentsOfDirectory(atPath: disk.url.path) {
      guard name.hasSuffix(".partial") else { continue }
      try FileManager.default.removeItem(at: disk.url.appending(path: name))
    }
    let before = try Data(contentsOf: checkpoint)
    // The next checkpoint is written beside the last one; there is room for half of it.
    let ballast = disk.url.appending(path: "ballast")
    try Data(count: (24 << 20) - size - size / 2).write(to: ballast)
    let full = try galleryctl.run(words(model, epochs: 150, "--resume"))
    #expect(full.status == 4, "\(full.errors)")
    #expect(full.errors.contains("checkpoint could not be written") && full.errors.contains("--resume"))
    #expect(!FileManager.default.fileExists(atPath: model))
    #expect(try Data(contentsOf: checkpoint) == before)
    try FileManager.default.removeItem(at: ballast)
    let resumed = try galleryctl.run(words(model, epochs: 150, "--resume"))
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try Data(contentsOf: URL(filePath: model)) == bytes("whole.safetensors", galleryctl))
  }

  @Test(
    "a disk that is full while features are kept: a sentence, and what was kept is used again",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func fullAtCache() throws {
    let galleryctl = try scene()
    let disk = try #require(SmallDisk(megabytes: 1))
    let cache = disk.url.appending(path: "cache").path
    // Thirty pictures of 2 kB and their faces; room for some of them.
    let ballast = disk.url.appending(path: "ballast")
    try Data(count: (1 << 20) - (44 << 10)).write(to: ballast)
    let full = try galleryctl.run(words("m.safetensors", cache: cache))
    #expect(full.status == 4, "\(full.status) \(full.errors)")
    #expect(full.errors.contains(cache) && full.errors.contains("cannot be written"), "\(full.errors)")
    #expect(!isThere("m.safetensors", galleryctl))
    try FileManager.default.removeItem(at: ballast)
    let again = try galleryctl.run(words("m.safetensors", cache: cache, epochs: 5))
    #expect(again.status == 0, "\(again.errors)")
    let features = try again.json(Replies.self).features
    #expect(features.reused > 0 && features.computed > 0 && features.reused + features.computed == 30)
  }

  @Test("photos that cannot be used are counted, and named when they are damaged")
  func mixedPhotos() throws {
    let galleryctl = try scene()
    _ = try galleryctl.file("people/damaged/1.jpg", Array("not a photo".utf8))
    let obama = try Data(contentsOf: URL(filePath: Fixtures.photo("obama.jpg")))
    _ = try galleryctl.file("people/obama/torn.jpg", obama.prefix(3_000))
    // A person with one photo is not trained on.
    _ = try galleryctl.copy("obama2.jpg", to: "people/single/1.jpg")
    let run = try galleryctl.run(words("m.safetensors", epochs: 3))
    #expect(run.status == 0, "\(run.errors)")
    let record = try run.json(Replies.self)
    #expect(record.features.photos == 18 && record.features.computed == 32)
    #expect(
      record.features.unreadable.map { URL(filePath: $0).lastPathComponent }.sorted() == [
        "1.jpg", "torn.jpg",
      ]
    )
    #expect(record.peopleTrained == 3)
    // A folder may serve several backbones: the features of one are never taken for those of another.
    try backbone(2, "backbone.safetensors", galleryctl)
    let other = try galleryctl.run(words("n.safetensors", epochs: 3)).json(Replies.self)
    #expect(other.features.computed == 32 && other.features.reused == 0)
    #expect(try bytes("n.safetensors", galleryctl) != bytes("m.safetensors", galleryctl))
  }

  @Test("a cache file that is something else is refused and stays as it is")
  func foreignCache() throws {
    let galleryctl = try scene()
    #expect(try galleryctl.run(words("m.safetensors", epochs: 2)).status == 0)
    let cache = galleryctl.folder.appending(path: "cache")
    let files = try FileManager.default.contentsOfDirectory(at: cache, includingPropertiesForKeys: nil)
    let features = try #require(files.first { $0.lastPathComponent.hasPrefix("features-") })
    let faces = try #require(files.first { $0.lastPathComponent.hasPrefix("faces-") })
    let foreign = try Data(contentsOf: faces)
    try foreign.write(to: features)
    let run = try galleryctl.run(words("m.safetensors", epochs: 2))
    #expect(run.status == 4 && run.errors.contains("no cache of this engine"), "\(run.errors)")
    #expect(run.errors.contains("--cache"))
    #expect(try Data(contentsOf: features) == foreign)
  }

  @Test(
    "too few people, photos without faces, and a rate at which the loss is no number end with a sentence each"
  )
  func unusable() throws {
    let galleryctl = try Galleryctl()
    try backbone(1, "backbone.safetensors", galleryctl)
    func refused(_ status: Int32, _ phrase: String, _ more: String...) throws {
      let run = try galleryctl.run(words("m.safetensors", epochs: 3) + more)
      #expect(run.status == status && run.errors.contains(phrase), "\(run.status) \(run.errors)")
      #expect(".?".contains(run.errors.trimmingCharacters(in: .whitespacesAndNewlines).suffix(1)))
      #expect(!isThere("m.safetensors", galleryctl))
    }
    _ = try galleryctl.file("people/nobody/grey.png", Self.grey)
    try refused(3, "No face")
    try add("obama", "obama.jpg", 3, galleryctl)
    try refused(3, "1 of 1 people have two photos")
    try add("biden", "biden.jpg", 1, galleryctl)
    try add("hanks", "hanks.png", 1, galleryctl)
    try add("astronaut", "astronaut.png", 1, galleryctl)
    try refused(3, "1 of 4 people have two photos")
    for (person, photo) in Self.people { try add(person, photo, 2, galleryctl) }
    try refused(4, "no finite number", "--rate", "1e30", "--start", "random")
  }

  /// A grey picture of one pixel, as PNG.
  private static let grey =
    Data(
      base64Encoded:
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
    ?? Data()

  /// A Python with Keras, `$FACEGALLERY_KERAS_PYTHON`.
  private static let python = ProcessInfo.processInfo.environment["FACEGALLERY_KERAS_PYTHON"] ?? ""

  /// Runs a script of the repository's with Keras.
  private func keras(_ script: String, _ arguments: [String], _ galleryctl: Galleryctl) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments =
      [
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
          .deletingLastPathComponent().appending(path: "Scripts/keras/\(script)").path
      ] + arguments
    process.currentDirectoryURL = galleryctl.folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    return text
  }

  @Test(
    "Keras loads the head and gives the embeddings that a gallery of the model has",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: python),
      "$FACEGALLERY_KERAS_PYTHON names no Python with Scripts/keras/requirements.txt"))
  func keras() throws {
    let galleryctl = try scene()
    #expect(try galleryctl.run(words("m.safetensors", epochs: 10)).status == 0)
    #expect(
      try keras("check_head.py", ["m.safetensors", "m.weights.h5"], galleryctl).contains("4 dense layers"))
    // The gallery's own embeddings of the crops that `detect` writes, which Keras sees too.
    let engine = ["--engine", "vgg16:m.safetensors"]
    let photos = ["obama", "biden", "hanks"].map { "people/\($0)" }
    let added = try galleryctl.run(["add", "--faces", "largest"] + engine + photos)
    #expect(added.status == 0, "\(added.errors)")
    let detected = try galleryctl.run(
      ["detect", "--crops", "crops", "--max-faces", "1"] + engine + ["people/biden/1.jpg"])
    #expect(detected.status == 0, "\(detected.errors)")
    #expect(try galleryctl("export", "faces.npy").status == 0)
    let text = try keras(
      "check_embeddings.py", ["m.safetensors", "m.weights.h5", "faces.npy", "crops"], galleryctl)
    #expect(text.contains("1 crop"))
  }

  @Test("the model is an engine: it fills a gallery, which finds its people")
  func engine() throws {
    let galleryctl = try scene()
    let trained = try galleryctl.run(words("m.safetensors", epochs: 10))
    #expect(try trained.json(Replies.self).engine == "vgg16:m.safetensors", "\(trained.errors)")
    let added = try galleryctl("add", "--engine", "vgg16:m.safetensors", "--faces", "largest", "people")
    #expect(added.status == 0, "\(added.errors)")
    let query = try galleryctl("query", "--threshold", "0.9", "people/biden/2.jpg")
    #expect(query.status == 0 && query.output.contains("biden"), "\(query.output) \(query.errors)")
    // Other convolutions need a name of their own.
    try backbone(1, "backbone.safetensors", channels: 8, galleryctl)
    let other = try galleryctl.run(words("n.safetensors", epochs: 2))
    #expect(try other.json(Replies.self).engine == nil)
    let refused = try galleryctl("detect", "--engine", "vgg16:n.safetensors", "people/biden/1.jpg")
    #expect(refused.status == 4 && refused.errors.contains("is not VGG16"), "\(refused.errors)")
  }

  @Test(
    "an engine for each fold gives what one engine gives, where all are the same, and something else where not"
  )
  func foldEngines() throws {
    let galleryctl = try scene()
    for name in ["1", "2"] {
      #expect(try galleryctl.run(words("m\(name).safetensors", epochs: 2)).status == 0)
    }
    // The second fold has the same model, and the first one to which all faces are alike.
    try FileManager.default.copyItem(
      at: galleryctl.folder.appending(path: "m2.safetensors"),
      to: galleryctl.folder.appending(path: "n2.safetensors"))
    let model = try NetworkFile.read(galleryctl.folder.appending(path: "m1.safetensors"))
    var nodes = model.nodes
    let last = try #require(nodes.lastIndex { if case .dense = $0.layer { true } else { false } })
    guard case .dense(var dense) = nodes[last].layer else { return }
    dense.kernel = Tensor(
      shape: [dense.inputs, dense.outputs], values: Array(repeating: 0, count: dense.inputs * dense.outputs))
    dense.bias = Array(repeating: 1, count: dense.outputs)
    nodes[last].layer = .dense(dense)
    var blind = try Network(
      input: model.input, nodes: nodes, outputs: model.outputs, preprocessing: model.preprocessing)
    blind.annotations = model.annotations
    try NetworkFile.write(blind, to: galleryctl.folder.appending(path: "n1.safetensors"))
    let photos = Array(Self.people.values).sorted()
    var pairs = "2\t4\n"
    for number in 0..<16 {
      try add("person \(number)".replacing(" ", with: ""), photos[number * 7 % 5], 2, galleryctl)
    }
    for fold in 0..<2 {
      for pair in 0..<4 { pairs += "person\(fold * 8 + pair)\t1\t2\n" }
      for pair in 0..<4 { pairs += "person\(fold * 8 + pair)\t1\tperson\(fold * 8 + pair + 3)\t2\n" }
    }
    _ = try galleryctl.file("pairs.txt", Data(pairs.utf8))
    struct Report: Decodable {
      struct Verification: Decodable, Equatable {
        let accuracy, areaUnderCurve, equalErrorRate: Double
        let folds: [Double]
        let pairs: Int
      }
      let verification: Verification
    }
    func report(_ words: String...) throws -> Report.Verification {
      let run = try galleryctl.run(["eval", "--json", "--quiet", "--pairs", "pairs.txt", "people"] + words)
      #expect(run.status == 0, "\(run.errors)")
      expectValid("eval", run)
      return try run.json(Report.self).verification
    }
    let one = try report("--engine", "vgg16:m1.safetensors")
    // Pairs of one person show the same picture twice.
    #expect(one.pairs == 16 && one.folds == [1, 1])
    #expect(try report("--fold-engines", "vgg16:m#.safetensors") == one)
    // The other fold's threshold is from faces that are all alike.
    #expect(try report("--fold-engines", "vgg16:n#.safetensors").folds.first == 0.5)
    for (words, phrase) in [
      (["--fold-engines", "vgg16:m#.safetensors"], "--pairs"),
      (["--fold-engines", "vgg16:m1.safetensors", "--pairs", "pairs.txt"], "#"),
      (["--fold-engines", "vgg16:m#.safetensors", "--pairs", "pairs.txt", "--report", "p.html"], "--report"),
    ] {
      let run = try galleryctl.run(["eval", "people"] + words)
      #expect(run.status == 2 && run.errors.contains(phrase), "\(run.errors)")
    }
  }

  @Test("an evaluation's page has the curves, and the threshold of every gallery size")
  func page() throws {
    let galleryctl = try Galleryctl()
    let photos = Array(Self.people.values).sorted()
    for number in 0..<16 {
      let photo = photos[number % photos.count]
      try add("person \(number)", photo, 2, galleryctl)
    }
    try add("stranger", "biden.jpg", 1, galleryctl)
    let run = try galleryctl("eval", "--json", "--quiet", "--report", "page.html", "people")
    #expect(run.status == 0, "\(run.errors)")
    expectValid("eval", run)
    let warnings = try #require(try run.json(Evaluation.self).warnings)
    #expect(warnings.contains { $0.contains("17 people, 136 pairs") && $0.contains("142 people are needed") })
    let curves = try run.json(Evaluation.self).thresholdCurves
    #expect(curves.count == 2 && curves[0].points.count == 16)
    let page = String(decoding: try bytes("page.html", galleryctl), as: UTF8.self)
    // Thresholds by rate, and by size; each a document of its own, lest they share names of glyphs.
    #expect(page.components(separatedBy: "src=\"data:image/svg+xml;base64,").count == 4)
    #expect(page.contains("<img alt=\"Identification in galleries"))
    #expect(!page.contains("<svg"))
    #expect(
      page.contains("warning: Thresholds are not supported: 17 people") && !page.contains("cannot rise"))
    // Of so few people chance would say whether probabilities are right.
    #expect(try run.json(Evaluation.self).reliability.isEmpty)
    #expect(!page.contains("error of the probability"))
    for (place, point) in curves[0].points.enumerated() {
      let cells = curves.map { String(format: "<td>%.4f</td>", $0.points[place].threshold) }.joined()
      #expect(page.contains("<tr><td>\(point.people)</td>\(cells)</tr>"))
    }
  }

  private struct Evaluation: Decodable {
    struct Curve: Decodable {
      struct Point: Decodable {
        let people: Int
        let threshold: Double
      }
      let points: [Point]
    }
    struct Reliability: Decodable { let meanError: Double }
    let thresholdCurves: [Curve]
    let warnings: [String]?
    let reliability: [Reliability]
    let photosWithoutFace: Int
  }

  @Test("embeddings are taken from the cache only for the same photos, read within the same limits")
  func cache() throws {
    let galleryctl = try Galleryctl()
    let photos = ["astronaut.png", "camera.png", "hanks.png", "obama2.jpg"]
    for number in 0..<16 { try add("person \(number)", photos[number % photos.count], 2, galleryctl) }
    try add("somebody", "group.jpg", 1, galleryctl)
    func withoutFace(_ words: String...) throws -> Int {
      let run = try galleryctl.run(["eval", "--json", "--quiet", "--cache", "kept", "people"] + words)
      #expect(run.status == 0, "\(run.errors)")
      return try run.json(Evaluation.self).photosWithoutFace
    }
    func files() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.appending(path: "kept").path)
        .count
    }
    let all = try withoutFace()
    // One photo has more than a megapixel, and is not read.
    let small = try withoutFace("--max-pixels", "1")
    #expect(small == all + 1)
    #expect(try withoutFace() == all && files() == 2)
    #expect(try withoutFace("--max-pixels", "1") == small && files() == 2)
    // Another picture of as many bytes.
    let photo = galleryctl.folder.appending(path: "people/person 0/1.png")
    let bytes = try Data(contentsOf: photo).count
    try Data(count: bytes).write(to: photo)
    #expect(try withoutFace() == all + 1 && files() == 3)
  }
}
