import FaceEngine
import Foundation
import GalleryTransfer
import Support
import TestSupport
import Testing

@testable import FaceGallery

@Suite("Export and import")
struct TransferTests {
  /// A gallery with faces of photos and with plain embeddings, and names that have to be escaped.
  private func filled(_ folder: TemporaryFolder) throws -> Gallery {
    let gallery = try folder.openWithEngine()
    for (index, name) in ["Ada \"Countess\", Lovelace", "Zoë 😀\\", "Grace Hopper"].enumerated() {
      _ = try gallery.add(FakePhoto(person: UInt8(index), face: 1).photo("a,b \(index).jpg"), as: name)
      _ = try gallery.add(Samples.embedding(person: index, face: 2), as: name)
    }
    return gallery
  }

  private func faces(_ gallery: Gallery) throws -> [String: [EnrolledFace]] {
    var faces: [String: [EnrolledFace]] = [:]
    for person in try gallery.people() { faces[person.name] = try gallery.faces(of: person.id) }
    return faces
  }

  @Test("what is exported comes back bit by bit, in every format", arguments: EmbeddingFormat.allCases)
  func roundTrip(format: EmbeddingFormat) throws {
    let folder = try TemporaryFolder()
    let gallery = try filled(folder)
    let ending = format == .jsonLines ? "jsonl" : format == .safetensors ? "safetensors" : "npy"
    let file = folder.url.appending(path: "faces.\(ending)")
    let written = try gallery.exportEmbeddings(to: file, format: format)
    #expect(written.rows == 6 && written.dimension == 128)
    for path in written.files { #expect(FileManager.default.fileExists(atPath: path)) }

    let copy = try Gallery.open(at: folder.url.appending(path: "copy"))
    let report = try copy.importEmbeddings(from: file)
    #expect((report.rows, report.added, report.skipped, report.newPeople) == (6, 6, 0, 3))
    let (before, after) = (try faces(gallery), try faces(copy))
    #expect(before.keys.sorted() == after.keys.sorted())
    for (name, own) in before {
      let others = try #require(after[name])
      #expect(own.map(\.added) == others.map(\.added))
      #expect(own.map(\.detection) == others.map(\.detection))
      #expect(own.map(\.photo) == others.map(\.photo))
      #expect(own.map(\.path) == others.map(\.path))
      for (a, b) in zip(own, others) { #expect(try gallery.embedding(of: a.id) == copy.embedding(of: b.id)) }
    }
    #expect(try copy.info().fingerprint == Samples.fingerprint)
    try copy.checkInvariants()

    let again = try copy.importEmbeddings(from: file)
    #expect((again.rows, again.added, again.skipped) == (6, 0, 6))
    #expect(try copy.query(Samples.embedding(person: 1, face: 5)).candidates.first?.name == "Zoë 😀\\")
  }

  @Test("an import that was cut off is completed by running it again")
  func resume() throws {
    let folder = try TemporaryFolder()
    let gallery = try filled(folder)
    let file = folder.url.appending(path: "faces.jsonl")
    _ = try gallery.exportEmbeddings(to: file, format: .jsonLines)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let part = try folder.write("part.jsonl", lines.prefix(4).joined(separator: "\n"))
    let copy = try Gallery.open(at: folder.url.appending(path: "copy"))
    #expect(code { _ = try copy.importEmbeddings(from: part) } == .truncatedFile)
    let torn = try folder.write("torn.jsonl", String(lines.joined(separator: "\n").dropLast(30)))
    let error = error { _ = try copy.importEmbeddings(from: torn) }
    #expect(error?.code == .truncatedFile)
    #expect(error?.line == 7)
    _ = try copy.importEmbeddings(from: file)
    #expect(try copy.info().faces == 6)
  }

  @Test("an export of another engine is refused, and so is a file that does not tell, unless one says so")
  func engines() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "faces.safetensors")
    _ = try filled(folder).exportEmbeddings(to: file, format: .safetensors)
    var fingerprint = Samples.fingerprint
    fingerprint.weightsDigest = "another"
    let other = try Gallery.open(
      at: folder.url.appending(path: "other"), options: GalleryOptions(fingerprint: fingerprint))
    #expect(code { _ = try other.importEmbeddings(from: file) } == .engineMismatch)
    let plain = try folder.write("plain.jsonl", #"{"person":"Ada","vector":[1,2,3]}"#)
    #expect(code { _ = try other.importEmbeddings(from: plain) } == .engineNeeded)
    let wrong = error { _ = try other.importEmbeddings(from: plain, options: .init(assumesEngine: true)) }
    #expect(wrong?.code == .wrongShape)
    #expect(try other.info().faces == 0)
    #expect(code { _ = try other.exportEmbeddings(to: file, format: .npy) } == .engineNeeded)
  }

  private static let small = EngineFingerprint(
    alignment: "none", weightsDigest: "0", preprocessing: "none", normalization: "none", dimension: 4)

  private func small(_ folder: TemporaryFolder) throws -> Gallery {
    try Gallery.open(
      at: folder.url.appending(path: UUID().uuidString), options: GalleryOptions(fingerprint: Self.small))
  }

  /// [[3, 4, 0, 0], [0, 0, -1, 0], [0.5, 0.5, 0.5, 0.5]] as NumPy 2 and safetensors 0.6 write it.
  static let numpy = [
    "npy":
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAEBAAACAQAAAAAAAAAAAAAAAAAAAAAAAAIC/AAAAAAAAAD8AAAA/AAAAPwAAAD8=",
    "npy of float64":
      "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAIQAAAAAAAABBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwvwAAAAAAAAAAAAAAAAAA4D8AAAAAAADgPwAAAAAAAOA/AAAAAAAA4D8=",
    "safetensors":
      "oAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJtYWRlIjoiYnkgYSB0ZXN0In0sImlkcyI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzAsMjRdfSwiZW1iZWRkaW5ncyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMyw0XSwiZGF0YV9vZmZzZXRzIjpbMjQsNzJdfX0gAAAAAAAAAAABAAAAAAAAAAIAAAAAAAAAAABAQAAAgEAAAAAAAAAAAAAAAAAAAAAAAACAvwAAAAAAAAA/AAAAPwAAAD8AAAA/",
  ]

  @Test(
    "files of NumPy and safetensors are read, vectors brought to unit length", arguments: numpy.keys.sorted())
  func foreignFiles(kind: String) throws {
    let folder = try TemporaryFolder()
    let gallery = try small(folder)
    let data = try #require(Self.numpy[kind].flatMap { Data(base64Encoded: $0) })
    let file = try folder.write("foreign." + (kind == "safetensors" ? kind : "npy"), data)
    let names = try folder.write(
      "names.csv", "\u{FEFF}Name,age\r\n\"Ada, \"\"A\"\"\",36\r\nBob,\r\n\"Ada, \"\"A\"\"\",37\r\n")
    #expect(code { _ = try gallery.importEmbeddings(from: file) } == .unreadableFile)
    let options = ImportOptions(sidecar: names, assumesEngine: true)
    let report = try gallery.importEmbeddings(from: file, options: options)
    #expect((report.added, report.newPeople) == (3, 2))
    #expect(try gallery.person(named: "Ada, \"A\"")?.faceCount == 2)
    #expect(try gallery.embedding(of: FaceID(rawValue: 1))?.values == [0.6, 0.8, 0, 0])
    // The sidecars of the other forms.
    for (name, text) in [
      ("list.json", #"["Ada", "Bob", {"person": "Ada"}]"#),
      ("object.json", #"{"comment": [1, {"a": null}], "faces": [{"name": "Ada"}, {"name": "Bob"}, "Ada"]}"#),
      ("lines.jsonl", "\"Ada\"\n\n{\"person\": \"Bob\"}\n\"Ada\""),
    ] {
      let sidecar = try folder.write(name, text)
      let copy = try small(folder)
      _ = try copy.importEmbeddings(from: file, options: ImportOptions(sidecar: sidecar, assumesEngine: true))
      #expect(try copy.people().map(\.faceCount) == [2, 1], "\(name)")
    }
  }

  @Test("mistakes in JSON Lines are told with their kind and line")
  func mistakes() throws {
    let folder = try TemporaryFolder()
    let good = #"{"person":"Ada","vector":[1,0,0,0]}"#
    let cases: [(String, GalleryError.Code)] = [
      (#"{"person":"Ada","vector":[1,0,0]}"#, .wrongShape),
      (#"{"person":"Ada"}"#, .wrongShape),
      (#"{"person":"Ada","vector":[1,NaN,0,0]}"#, .invalidEmbedding),
      (#"{"person":"Ada","vector":[1,-Infinity,0,0]}"#, .invalidEmbedding),
      (#"{"person":"Ada","vector":[0,0,0,0]}"#, .invalidEmbedding),
      (#"{"person":"Ada","vector":[1,0,0,0]} x"#, .unreadableFile),
      (#"{"person":"Ada","vector":[1,0,,0]}"#, .unreadableFile),
      (#"{"person":"A\qda","vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"A\ud800","vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":12,"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","photo":"12","vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"A\nda","vector":[1,0,0,0]}"#, .invalidName),
      (#"{"person":"Ada","name":"Bob","vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","person":"Ada","vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"vector":[1,0,0,0]}"#, .unreadableFile), (#"{"person":null,"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","vector":[1,0,0,0],"vector":[0,1,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","box":[1,2,3],"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","box":[1,2,3,4],"quality":[1,2],"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","landmarks":[[1,2]],"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","tags":{"a":"x","a":"y"},"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"{"person":"Ada","tags":{"a":"x"," a ":"y"},"vector":[1,0,0,0]}"#, .unreadableFile),
      (#"[1]"#, .unreadableFile),
    ]
    for (line, expected) in cases {
      let gallery = try small(folder)
      let file = try folder.write("bad.jsonl", "\(good)\n\n\(line)\n\(good)\n")
      let error = error { _ = try gallery.importEmbeddings(from: file, options: .init(assumesEngine: true)) }
      #expect(error?.code == expected, "\(line)")
      #expect(error?.line == 3, "\(line): \(error?.message ?? "")")
      #expect(error?.message.contains("line 3") == true)
      #expect(try gallery.info().faces == 0)
    }
  }

  @Test("wrong arrays are told from each other")
  func wrongArrays() throws {
    let folder = try TemporaryFolder()
    let data = try #require(Self.numpy["npy"].flatMap { Data(base64Encoded: $0) })
    let names = try folder.write("names.json", #"["Ada", "Bob", "Ada"]"#)
    let options = ImportOptions(sidecar: names, assumesEngine: true)
    func code(_ bytes: Data, _ options: ImportOptions, _ name: String = "a.npy") throws -> GalleryError.Code?
    {
      let file = try folder.write(name, bytes)
      let gallery = try small(folder)
      let error = error { _ = try gallery.importEmbeddings(from: file, options: options) }
      #expect(try error == nil || gallery.info().faces == 0)
      return error?.code
    }
    func edited(_ old: String, _ new: String) -> Data {
      var edited = data
      if let range = edited.range(of: Data(old.utf8)) { edited.replaceSubrange(range, with: Data(new.utf8)) }
      return edited
    }
    #expect(try code(data, options) == nil)
    #expect(try code(data.dropLast(3), options) == .truncatedFile)
    #expect(try code(data.prefix(40), options) == .truncatedFile)
    #expect(try code(data + Data([0]), options) == .unreadableFile)
    #expect(try code(Data("no array at all".utf8), options) == .unreadableFile)
    #expect(try code(edited("(3, 4)", "(4, 3)"), options) == .wrongShape)
    #expect(try code(edited("(3, 4)", "(12,) "), options) == .wrongShape)
    #expect(try code(edited("<f4", "<i4"), options) == .wrongShape)
    #expect(try code(edited("False", "True "), options) == .wrongShape)
    #expect(try code(data, options, "a.txt") == .unreadableFile)
    #expect(try code(Data(), options) == .unreadableFile)
    for text in [
      #"["Ada", "Bob"]"#, #"["Ada", "Bob", "C", "D"]"#, #"{"rows": 9, "faces": ["Ada", "Bob", "C"]}"#,
      #"{"dimension": 5, "faces": ["Ada", "Bob", "C"]}"#,
    ] {
      let short = try folder.write("short.json", text)
      #expect(try code(data, ImportOptions(sidecar: short, assumesEngine: true)) == .wrongShape)
    }
    for text in [
      #"{"people": []}"#, #"["Ada" "Bob"]"#, #"{"faces": ["A", "B", "C"], "faces": ["C", "B", "A"]}"#,
      #"{"rows": 3, "faces": ["A", "B", "C"], "rows": 3}"#, #"["A", "B", "C"] ["C", "B", "A"]"#,
      #"{"faces": ["A", "B", "C"]} x"#,
    ] {
      let odd = try folder.write("odd.json", text)
      #expect(try code(data, ImportOptions(sidecar: odd, assumesEngine: true)) == .unreadableFile)
    }
    for text in [
      "person,person\nA,B\nB,C\nC,A\n", "person,name\nA,B\nB,C\nC,A\n",
      "person,face,face\nA,1,2\nB,2,3\nC,3,1\n",
      "person,x\nA,1\nB,\nC,\n", "person,x,y,width,height,quality\nA,1,2,3,4,1 2\nB,,,,,\nC,,,,,\n",
      "who\nAda\nBob\nC\n", "person,added\nAda,soon\nBob,\nC,\n", "person\nAda,1\nBob\nC\n", "person\n\"A",
    ] {
      let odd = try folder.write("odd.csv", text)
      let code = try code(data, ImportOptions(sidecar: odd, assumesEngine: true))
      #expect(code == (text.hasSuffix("\"A") ? .truncatedFile : .unreadableFile), "\(text)")
    }
    let nan = data.prefix(128) + Data([0, 0, 0xC0, 0x7F]) + data.dropFirst(132)
    let file = try folder.write("nan.npy", nan)
    let found = error { _ = try small(folder).importEmbeddings(from: file, options: options) }
    #expect(found?.code == .invalidEmbedding && found?.line == 1)
  }

  @Test("an export replaces neither a gallery's file nor what is not of this program")
  func targets() throws {
    let folder = try TemporaryFolder()
    let gallery = try filled(folder)
    func refused(_ name: String, _ format: EmbeddingFormat) -> Bool {
      error {
        _ = try gallery.exportEmbeddings(to: folder.url.appending(path: name), format: format)
      }?.code == .invalidArgument
    }
    try FileManager.default.createSymbolicLink(
      at: folder.url.appending(path: "link"), withDestinationURL: folder.gallery.appending(path: "data.mdb"))
    for name in ["data.mdb", "index.snapshot", "keys.json"] {
      #expect(refused("\(folder.gallery.lastPathComponent)/\(name)", .jsonLines), "\(name)")
    }
    #expect(refused("link", .jsonLines))
    let foreign = try folder.write("a.json", #"{"mine": 1}"#)
    #expect(refused("a.npy", .npy) && refused("a.npy", .npyCSV))
    #expect(try Data(contentsOf: foreign) == Data(#"{"mine": 1}"#.utf8))
    let table = try folder.write("b.csv", "date,sum\n1,2\n")
    #expect(refused("b.npy", .npyCSV) && !refused("b.npy", .npy))
    #expect(try Data(contentsOf: table) == Data("date,sum\n1,2\n".utf8))
    // Its own are.
    for _ in 0..<2 { for format in [EmbeddingFormat.npyCSV, .npy] { #expect(!refused("c.npy", format)) } }
    #expect(try gallery.check().isHealthy)
  }

  @Test(
    "rows that were moved beside their array are refused: vectors would get the names of others",
    arguments: [EmbeddingFormat.npyCSV, .npy])
  func moved(_ format: EmbeddingFormat) throws {
    let folder = try TemporaryFolder()
    let gallery = try filled(folder)
    let file = folder.url.appending(path: "a.npy")
    _ = try gallery.exportEmbeddings(to: file, format: format)
    let sidecar = folder.url.appending(path: format == .npyCSV ? "a.csv" : "a.json")
    var text = String(decoding: try Data(contentsOf: sidecar), as: UTF8.self)
    func faces() throws -> GalleryError? {
      try Data(text.utf8).write(to: sidecar)
      let other = try Gallery.open(at: folder.url.appending(path: UUID().uuidString))
      return error { _ = try other.importEmbeddings(from: file) }
    }
    let whole = text
    // As a spreadsheet sorts it, by name from Z to A.
    if format == .npyCSV {
      var lines = text.split(separator: "\n").map(String.init)
      lines = [lines[0]] + lines.dropFirst().sorted(by: >)
      text = lines.joined(separator: "\n") + "\n"
    } else {
      text = text.replacing(#""face":1,"#, with: #""face":2222,"#)
    }
    #expect(text != whole)
    let found = try faces()
    #expect(
      found?.code == .wrongPair
        && found?.message.contains(format == .npyCSV ? "is of another vector" : "sort them by “face”")
          == true,
      "\(found?.message ?? "")")
  }

  @Test(
    "while another export puts its files in place none is replaced, so that two of them never mix",
    arguments: [EmbeddingFormat.npy, .npyCSV])
  func turns(format: EmbeddingFormat) throws {
    let folder = try TemporaryFolder()
    let gallery = try filled(folder)
    let file = folder.url.appending(path: "faces.npy")
    let first = try gallery.exportEmbeddings(to: file, format: format)
    let before = try first.files.map { try Data(contentsOf: URL(filePath: $0)) }
    _ = try gallery.add(Samples.embedding(person: 7, face: 0), as: "Later")
    do {
      let other = try FileLock.take(folder.url.path(percentEncoded: false))
      let refused = error {
        _ = try gallery.perform { try EmbeddingExport.write($0.store, to: file, format, patience: .zero) }
      }
      #expect(refused?.code == .inUse)
      #expect(try first.files.map { try Data(contentsOf: URL(filePath: $0)) } == before)
      _ = consume other
    }
    #expect(try gallery.exportEmbeddings(to: file, format: format).rows == 7)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(!names.contains { $0.hasSuffix(".partial") })
  }

  @Test("an exported component is read back bit by bit, whatever its size")
  func decimals() throws {
    let folder = try TemporaryFolder()
    var generator = SplitMix64(5)
    let gallery = try folder.open()
    for index in 0..<40 {
      let vector = (0..<128).map { _ in
        generator.normal() * pow(10, Float(Int.random(in: -6...0, using: &generator)))
      }
      _ = try gallery.add(Embedding(normalizing: vector), as: Samples.name(index))
    }
    var axis = [Float](repeating: 0, count: 128)
    axis[3] = -1
    _ = try gallery.add(Embedding(normalizing: axis), as: "axis")
    let file = folder.url.appending(path: "faces.jsonl")
    _ = try gallery.exportEmbeddings(to: file, format: .jsonLines)
    let copy = try Gallery.open(at: folder.url.appending(path: "copy"))
    _ = try copy.importEmbeddings(from: file)
    for id in 1...41 {
      let face = FaceID(rawValue: UInt64(id))
      #expect(try gallery.embedding(of: face) == copy.embedding(of: face))
    }
    // Foundation reads the same lines.
    let line = try #require(
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst().first)
    struct Line: Decodable { let vector: [Float] }
    let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
    #expect(try gallery.embedding(of: FaceID(rawValue: 1))?.values == decoded.vector)
  }
}

/// The error that `body` throws.
private func error(_ body: () throws -> Void) -> GalleryError? {
  do {
    try body()
    return nil
  } catch {
    return error as? GalleryError
  }
}

extension TemporaryFolder {
  fileprivate func write(_ name: String, _ text: String) throws -> URL { try write(name, Data(text.utf8)) }

  fileprivate func write(_ name: String, _ data: Data) throws -> URL {
    let file = url.appending(path: name)
    try data.write(to: file)
    return file
  }
}
