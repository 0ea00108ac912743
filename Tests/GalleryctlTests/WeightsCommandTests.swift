import Foundation
import NeuralNetwork
import TestSupport
import Testing

@Suite("galleryctl weights")
struct WeightsCommandTests {
  private struct Imported: Decodable {
    let file: String
    let layers: Int
    let weights: Int
    struct Output: Decodable {
      let name: String
      let shape: [Int]?
    }
    let outputs: [Output]
    let engine: String?
    let remark: String?
  }

  private struct Listed: Decodable {
    struct File: Decodable {
      let name: String
      let state: String
      let engine: String?
    }
    let files: [File]
  }

  private struct Inspected: Decodable {
    struct Layer: Decodable {
      let name: String
      let kind: String
      let output: [Int]?
      let weights: Int
    }
    let format: String
    let precision: String
    let preprocessing: String?
    let sourceSha256: String?
    let isCalibrated: Bool
    let layers: [Layer]
  }

  @Test(
    "a Keras file becomes ours, computes the same and keeps its origin",
    arguments: ["flat3.keras", "flat2.h5", "nested2.h5", "residual3.h5", "flat3.weights.h5"])
  func importing(name: String) throws {
    let galleryctl = try Galleryctl()
    let source = Fixtures.network(name)
    let run = try galleryctl("weights", "import", source, "--out", "own.safetensors", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let result = try run.json(Imported.self)
    #expect(result.engine == nil && result.remark?.contains("own.safetensors") == true)

    let network = try NetworkReader.network(at: URL(filePath: source))
    let written = try NetworkReader.network(at: galleryctl.folder.appending(path: "own.safetensors"))
    #expect(written.nodes == network.nodes && written.sourceDigest == network.sourceDigest)
    #expect(result.layers == network.nodes.count && result.weights == network.parameterCount)

    let inspected = try galleryctl("weights", "inspect", "own.safetensors", "--json").json(Inspected.self)
    #expect(inspected.format == "safetensors" && inspected.precision == "F32" && !inspected.isCalibrated)
    #expect(inspected.sourceSha256 == network.sourceDigest)
    #expect(inspected.layers.map(\.name) == network.nodes.map(\.name))
    #expect(inspected.layers.map(\.weights).reduce(0, +) == network.parameterCount)
    let text = try galleryctl("weights", "inspect", "own.safetensors")
    #expect(text.status == 0 && text.output.contains("convolution"))
  }

  @Test("an ONNX network becomes ours, with its results by name, another size and another preprocessing")
  func onnx() throws {
    let galleryctl = try Galleryctl()
    let source = Fixtures.network("onnx/embedder.onnx")
    let run = try galleryctl(
      "weights", "import", source, "--preprocessing", "imagenet", "-o", "own.safetensors", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let result = try run.json(Imported.self)
    #expect(result.outputs.map(\.shape) == [[20]] && result.engine == nil && result.remark == nil)
    let network = try NetworkReader.network(at: URL(filePath: source))
    let written = try NetworkReader.network(at: galleryctl.folder.appending(path: "own.safetensors"))
    #expect(written.nodes == network.nodes && written.sourceDigest == network.sourceDigest)
    let scales: [Float] = [1 / 58.395, 1 / 57.12, 1 / 57.375]
    #expect(written.preprocessing?.scales == scales)

    let detector = Fixtures.network("onnx/detector.onnx")
    let larger = try galleryctl(
      "weights", "import", detector, "--size", "64x96", "-o", "detector.safetensors", "--json")
    #expect(larger.status == 0, "\(larger.errors)")
    #expect(
      try larger.json(Imported.self).outputs.contains { $0.name == "box_large" && $0.shape == [1, 384, 4] },
      "\(larger.output)")
    let text = try galleryctl("weights", "inspect", detector)
    #expect(text.status == 0 && text.output.contains("score_small"), "\(text.output)")

    let broken = try galleryctl(
      "weights", "import", Fixtures.network("onnx/broken_operator.onnx"), "-o", "b.safetensors")
    #expect(broken.status == 3 && broken.errors.contains("last_node (NonMaxSuppression)"), "\(broken.errors)")
  }

  @Test("--half halves the file; an existing file is never written over")
  func half() throws {
    let galleryctl = try Galleryctl()
    let source = Fixtures.network("residual3.h5")
    #expect(try galleryctl("weights", "import", source).status == 0)
    #expect(try galleryctl("weights", "import", source, "--half", "-o", "half.safetensors").status == 0)
    func size(_ name: String) throws -> Int {
      try Data(contentsOf: galleryctl.folder.appending(path: name)).count
    }
    #expect(try size("half.safetensors") < size("residual3.safetensors") * 2 / 3)
    let half = try galleryctl("weights", "inspect", "half.safetensors", "--json").json(Inspected.self)
    #expect(half.precision == "F16")
    let again = try galleryctl("weights", "import", source)
    #expect(again.status == 3 && again.errors.contains("is there already"))
  }

  @Test("size and preprocessing that the file leaves open are noted")
  func facts() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl(
      "weights", "import", Fixtures.network("flat3.weights.h5"), "--size", "32x48", "--preprocessing", "dlib",
      "-o", "own.safetensors")
    #expect(run.status == 0, "\(run.errors)")
    let network = try NetworkReader.network(at: galleryctl.folder.appending(path: "own.safetensors"))
    #expect(network.input == InputShape(height: 32, width: 48) && network.preprocessing == .dlib)
    let wrong = try galleryctl(
      "weights", "import", Fixtures.network("flat3.weights.h5"), "--size", "64x64", "-o", "b.safetensors")
    #expect(wrong.status == 3 && wrong.errors.contains("takes a vector of"), "\(wrong.errors)")
  }

  @Test("what cannot be used is one sentence that names the layer, status 3, and nothing is written")
  func broken() throws {
    let galleryctl = try Galleryctl()
    let faults = try JSONDecoder().decode(
      [String: String].self, from: Data(contentsOf: URL(filePath: Fixtures.network("broken.json"))))
    for (file, word) in faults {
      let run = try galleryctl("weights", "import", Fixtures.network(file), "-o", "out.safetensors")
      #expect(run.status == 3, "\(file)")
      #expect(run.errors.hasPrefix("error: ") && run.errors.contains(word), "\(file): \(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
    for name in ["flat3.h5", "flat3.keras", "flat2.legacy_weights.h5"] {
      let bytes = try Data(contentsOf: URL(filePath: Fixtures.network(name)))
      let cut = try galleryctl.file(name, bytes.prefix(bytes.count * 2 / 3))
      let run = try galleryctl("weights", "import", cut, "-o", "out.safetensors")
      #expect(run.status == 3 && run.errors.contains(name), "\(name): \(run.errors)")
    }
    let absent = try galleryctl("weights", "import", "absent.h5")
    #expect(absent.status == 3 && absent.errors.contains("absent.h5"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.path).count == 3)
  }

  @Test("a head that does not fit is refused, one that fits is joined")
  func head() throws {
    let galleryctl = try Galleryctl()
    func write(_ name: String, _ nodes: [Node], _ input: InputShape = InputShape()) throws {
      let url = galleryctl.folder.appending(path: name)
      try NetworkFile.write(Network(input: input, nodes: nodes), to: url)
    }
    func dense(_ inputs: Int) -> [Node] {
      let kernel = Tensor(shape: [inputs, 4], values: [Float](repeating: 0.5, count: inputs * 4))
      return [Node("dense", .dense(Dense(kernel: kernel)), inputs: [Network.inputName])]
    }
    let kernel = Tensor(shape: [1, 1, 3, 2], values: [1, 2, 3, 4, 5, 6])
    try write(
      "body.safetensors",
      [Node("conv", .convolution(Convolution(kernel: kernel)), inputs: [Network.inputName])],
      InputShape(height: 4, width: 4))
    try write("fits.safetensors", dense(32))
    try write("short.safetensors", dense(31))
    let joined = try galleryctl(
      "weights", "import", "body.safetensors", "--head", "fits.safetensors", "-o", "whole.safetensors",
      "--json")
    #expect(try joined.json(Imported.self).outputs.map(\.shape) == [[4]], "\(joined.errors)")
    let refused = try galleryctl(
      "weights", "import", "body.safetensors", "--head", "short.safetensors", "-o", "b.safetensors")
    #expect(refused.status == 3 && refused.errors.contains("dense"), "\(refused.errors)")
  }

  @Test("fetch takes files out of archives, checks them, and leaves the user's own alone")
  func fetch() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.file("cache/net.dat", Array("weights".utf8))
    let archive = galleryctl.folder.appending(path: "cache/net-1.tar")
    try run("tar", "-cf", archive.path, "-C", archive.deletingLastPathComponent().path, "net.dat")
    let digest = try run("sha256sum", archive.path).prefix(64)
    let member = try run("sha256sum", galleryctl.folder.appending(path: "cache/net.dat").path).prefix(64)
    func manifest(_ sha256: some StringProtocol) throws {
      _ = try galleryctl.file(
        "own/manifest.json",
        Array(
          """
          {"sources": {"net": {"package": "net", "version": "1", "file": "net-1.tar", "bytes": 1,
            "sha256": "\(digest)"}},
           "files": [{"name": "net.dat", "source": "net", "member": "net.dat", "bytes": 7, "sha256": "\(sha256)",
            "licence": "CC0-1.0", "purpose": "test"},
            {"name": "mine.h5", "licence": "unknown", "purpose": "mine", "engine": "mine"}]}
          """.utf8))
    }
    try manifest(member)
    _ = try galleryctl.file("own/extra.safetensors", [1])
    let environment = ["FACEGALLERY_CACHE": galleryctl.folder.appending(path: "cache").path]
    let before = try galleryctl("weights", "list", "--weights", "own", "--json").json(Listed.self)
    #expect(before.files.map(\.state) == ["missing", "missing", "own"])
    let fetched = try galleryctl("weights", "fetch", "--weights", "own", "--json", environment: environment)
    #expect(fetched.status == 0, "\(fetched.errors)")
    #expect(try fetched.json(Listed.self).files.map(\.state) == ["there", "missing", "own"])
    #expect(try fetched.json(Listed.self).files[1].engine == "mine")

    try manifest(String(repeating: "0", count: 64))
    #expect(
      try galleryctl("weights", "list", "--weights", "own", "--json").json(Listed.self).files[0].state
        == "changed")
    let wrong = try galleryctl("weights", "fetch", "--weights", "own", environment: environment)
    #expect(wrong.status == 4 && wrong.errors.contains("not the pinned file"), "\(wrong.errors)")
  }

  /// A package index with one archive, which tells what was asked for; it serves ranges.
  private static let index = """
    import http.server, json, sys
    archive = open(sys.argv[1], "rb").read()
    class Index(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            reply, start = archive, 0
            if self.path.startswith("/simple/"):
                reply = json.dumps({"files": [{"filename": "net-1.tar", "url": "/net-1.tar"}]}).encode()
            elif self.headers["Range"]:
                start = int(self.headers["Range"][6:].split("-")[0])
            print(self.path, start, flush=True)
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(reply) - start))
            self.end_headers()
            self.wfile.write(reply[start:])
        def log_message(self, *_): pass
    server = http.server.HTTPServer(("127.0.0.1", 0), Index)
    print(server.server_port, flush=True)
    server.serve_forever()
    """

  @Test("fetch goes on where a download broke off, and gets what is optional only when it is asked for")
  func resumed() throws {
    let galleryctl = try Galleryctl()
    let member = try galleryctl.file("net.dat", Array(repeating: 7, count: 50_000))
    let archive = galleryctl.folder.appending(path: "net-1.tar")
    try run("tar", "-cf", archive.path, "-C", galleryctl.folder.path, "net.dat")
    let bytes = try Data(contentsOf: archive)
    _ = try galleryctl.file("cache/net-1.tar.part", bytes.prefix(20_000))
    _ = try galleryctl.file(
      "own/manifest.json",
      Array(
        """
        {"sources": {"net": {"package": "net", "version": "1", "file": "net-1.tar", "bytes": \(bytes.count),
          "sha256": "\(try run("sha256sum", archive.path).prefix(64))"}},
         "files": [{"name": "net.dat", "source": "net", "member": "net.dat", "bytes": 50000, "optional": "net",
          "sha256": "\(try run("sha256sum", member).prefix(64))", "licence": "CC0-1.0", "purpose": "test"}]}
        """.utf8))
    let server = Process()
    let output = Pipe()
    server.executableURL = URL(filePath: "/usr/bin/env")
    server.arguments = ["python3", "-c", Self.index, archive.path]
    server.standardOutput = output
    // It must not keep the test run's own output open, and may have been started with SIGTERM ignored.
    server.standardError = FileHandle.nullDevice
    try server.run()
    defer { kill(server.processIdentifier, SIGKILL) }
    var told = ""
    func line() -> String {
      while !told.contains("\n") {
        let data = output.fileHandleForReading.availableData
        guard !data.isEmpty else { break }
        told += String(decoding: data, as: UTF8.self)
      }
      let line = told.prefix { $0 != "\n" }
      told.removeFirst(min(told.count, line.count + 1))
      return String(line)
    }
    let environment = [
      "FACEGALLERY_CACHE": galleryctl.folder.appending(path: "cache").path,
      "PIP_INDEX_URL": "http://127.0.0.1:\(line())/simple",
    ]
    let unasked = try galleryctl("weights", "fetch", "--weights", "own", environment: environment)
    #expect(unasked.status == 0 && unasked.errors.contains("0 files there"), "\(unasked.errors)")
    let offered = try galleryctl("weights", "list", "--weights", "own").output
    #expect(
      offered.contains("optional (net)") && offered.contains("`galleryctl weights fetch net`"), "\(offered)")
    let fetched = try galleryctl("weights", "fetch", "net", "--weights", "own", environment: environment)
    #expect(fetched.status == 0, "\(fetched.errors)")
    #expect([line(), line()] == ["/simple/net/ 0", "/net-1.tar 20000"])
    let target = galleryctl.folder.appending(path: "own/net.dat")
    #expect(try Data(contentsOf: target) == Data(contentsOf: URL(filePath: member)))
    let list = try galleryctl("weights", "list", "--weights", "own", "--json").json(Listed.self)
    #expect(list.files.map(\.state) == ["there"])
  }

  @Test(
    "files and folders of any name are listed, read and written",
    arguments: [#"$(printf 'd\377')"#, #"e\x41"#, "plain"])
  func names(folder: String) throws {
    let galleryctl = try Galleryctl()
    let network = Fixtures.network("flat2.h5")
    let run = try galleryctl.shell(
      #"""
      mkdir "\#(folder)"; cp '\#(network)' "\#(folder)/$(printf 'n\377.h5')"; cp '\#(network)' "\#(folder)/"'a\x41.h5'
      "$G" weights list --weights "\#(folder)" --csv; echo "was $?"
      for file in "\#(folder)"/*.h5; do "$G" weights import "$file" -o "$file.safetensors" --json; echo "was $?"; done
      "$G" weights inspect "\#(folder)/"a*.safetensors --json | grep bytes; ls "\#(folder)" | wc -l
      """#)
    #expect(run.text.components(separatedBy: "was 0").count == 4, "\(run)")
    #expect(run.text.contains("own") && !run.text.contains("NSCocoa"), "\(run)")
    #expect(run.text.hasSuffix("\n4\n") && !run.text.contains("\"bytes\" : 0"), "\(run)")
  }

  @Test("a folder that cannot be listed is told in a sentence")
  func unlisted() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(#"touch file; "$G" weights list --weights file; echo "was $?""#)
    #expect(
      run.text.contains("was 3") && run.text.contains("file/ cannot be read: Not a directory"), "\(run)")
  }

  @Test(
    "wrong usage",
    arguments: [
      (["lst"], "did you mean \"list\"?"), (["import"], "needs FILE"), (["inspect"], "needs FILE"),
      (["list", "x"], "does not take \"x\""),
      (["import", "x.h5", "-o", "x.h5"], "--out writes .safetensors"),
      (["import", "x.h5", "--size", "12"], "a height and a width"),
      (["import", "x.h5", "--preprocessing", "none"], "one of vggface, dlib"),
    ] as [([String], String)])
  func usage(words: [String], message: String) throws {
    let run = try Galleryctl().run(["weights"] + words)
    #expect(run.status == 2 && run.errors.contains(message), "\(run.errors)")
  }

  /// Runs a program to its end and gives its output.
  @discardableResult
  private func run(_ words: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readWhole()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: data, as: UTF8.self)
  }
}
