import FaceEngine
import Foundation
import Testing

@Suite("The engine of a gallery", .needsPhotos)
struct EngineSpecificationTests {
  @Test("A gallery remembers its engine, asks for a threshold until it is calibrated, and refuses another")
  func remembered() throws {
    try Galleryctl.withOwnNetwork { galleryctl, weights, file throws in
      let photos = [Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg")]
      let added = try galleryctl(
        "add", "--weights", weights, "--engine", "plain", "-n", "Barack Obama", photos[0])
      #expect(added.status == 0, "\(added.errors)")

      let info = try galleryctl("info", "--json")
      struct Info: Decodable {
        let engine: EngineFingerprint
      }
      #expect(try info.json(Info.self).engine.network == "plain")
      #expect(try info.json(Info.self).engine.dimension == 24)

      let asked = try galleryctl("query", "--weights", weights, photos[1])
      #expect(asked.status == 3 && asked.errors.contains("threshold"), "\(asked.errors)")
      let given = try galleryctl("query", "--weights", weights, "--threshold", "-1", photos[1])
      #expect(given.status == 0 && given.output.contains("Barack Obama"), "\(given.errors)")
      let verified = try galleryctl("verify", "--weights", weights, photos[0], photos[1])
      #expect(verified.status == 3 && verified.errors.contains("not calibrated"), "\(verified.errors)")
      let uncertain = try galleryctl("verify", "--weights", weights, "-t", "-1", photos[0], photos[1])
      #expect(uncertain.status == 0 && uncertain.output.contains("not calibrated"))

      let other = try galleryctl("query", "--weights", weights, "--engine", "resnet", photos[1])
      #expect(other.status == 4 && other.errors.contains("another engine"), "\(other.errors)")
      #expect(other.errors.contains("its engine is plain, not resnet."), "\(other.errors)")

      let point = OperatingPoint(
        points: [
          .init(falseMatchRate: 0.1, threshold: -0.99), .init(falseMatchRate: 1e-3, threshold: -0.98),
        ],
        slope: 10, offset: 0)
      try point.store(inWeightsFile: file)
      let calibrated = try galleryctl("query", "--weights", weights, photos[1])
      #expect(calibrated.status == 0 && calibrated.output.contains("Barack Obama"), "\(calibrated.errors)")
    }
  }

  @Test("A gallery remembers the precision that filled it, shows it, and refuses the other")
  func precision() throws {
    let galleryctl = try Galleryctl()
    let weights = Fixtures.weights.path
    let photos = [Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg")]
    let added = try galleryctl(
      "add", "--weights", weights, "--engine", "resnet@bf16", "-n", "Barack Obama", photos[0])
    #expect(added.status == 0, "\(added.errors)")
    let info = try galleryctl("info")
    #expect(info.output.contains("resnet@bf16, 128 numbers"), "\(info.output)")
    let query = try galleryctl("query", "--weights", weights, photos[1])
    #expect(query.status == 0 && query.output.contains("Barack Obama"), "\(query.errors)")
    let other = try galleryctl("query", "--weights", weights, "--engine", "resnet", photos[1])
    #expect(other.status == 4 && other.errors.contains("another engine"), "\(other.errors)")
    #expect(other.errors.contains("its engine is resnet@bf16, not resnet."), "\(other.errors)")
  }

  @Test("A new gallery is of YuNet and SFace; dlib's detectors and --engine resnet make one of the ResNet")
  func standard() throws {
    let galleryctl = try Galleryctl()
    struct Info: Decodable {
      let engine: EngineFingerprint
    }
    let photo = Fixtures.photo("obama.jpg")
    for (gallery, words, network) in [
      ("plain", [], "sface"), ("yunet", ["--detector", "yunet"], "sface"),
      ("hog", ["--detector", "hog"], "resnet"),
      ("named", ["--engine", "resnet"], "resnet"),
      ("both", ["--engine", "resnet", "--detector", "yunet"], "resnet"),
    ] {
      let run = try galleryctl.run(["add", "-g", gallery, "-n", "Obama"] + words + [photo])
      #expect(run.status == 0, "\(run.errors)")
      let info = try galleryctl("info", "-g", gallery, "--json").json(Info.self)
      #expect(info.engine.network == network, "\(gallery)")
      // What filled the gallery is what asks it.
      let query = try galleryctl("query", "-g", gallery, Fixtures.photo("obama2.jpg"))
      #expect(query.status == 0 && query.output.contains("Obama"), "\(gallery): \(query.errors)")
    }
    let refused = try galleryctl("query", "-g", "plain", "--detector", "hog", photo)
    #expect(refused.status != 0 && refused.errors.contains("use yunet"), "\(refused.errors)")
  }

  @Test("A gallery remembers that mirror images were embedded as well, and reembed goes over")
  func mirrored() throws {
    let galleryctl = try Galleryctl()
    let photos = [Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg")]
    #expect(try galleryctl("add", "-n", "Barack Obama", photos[0]).status == 0)
    let other = try galleryctl("query", "--augment", "flip", photos[1])
    #expect(other.status == 4 && other.errors.contains("another engine"), "\(other.errors)")
    let reembedded = try galleryctl("reembed", "--augment", "flip")
    #expect(reembedded.status == 0, "\(reembedded.errors)")
    #expect(try galleryctl("info").output.contains("sface@flip, 128 numbers"))
    let query = try galleryctl("query", "--threshold", "0.4", photos[1])
    #expect(query.status == 0 && query.output.contains("Barack Obama"), "\(query.errors)")
    // A word says all, as without @bf16; --augment has the last word.
    for words in [["sface@flip"], ["sface", "--augment", "flip"]] {
      let run = try galleryctl.run(["query", "--threshold", "0.4", photos[1], "--engine"] + words)
      #expect(run.status == 0, "\(run.errors)")
    }
    for words in [["sface"], ["sface@flip", "--augment", "none"]] {
      let run = try galleryctl.run(["query", photos[1], "--engine"] + words)
      #expect(run.status == 4, "\(run.errors)")
      #expect(run.errors.contains("its engine is sface@flip, not sface."), "\(run.errors)")
      #expect(run.errors.contains("`galleryctl reembed --engine sface`"), "\(run.errors)")
      #expect(!run.errors.contains("alignment"), "\(run.errors)")
    }
    let help = try galleryctl("query", "--help").output.split(whereSeparator: \.isWhitespace).joined(
      separator: " ")
    #expect(
      help.contains(
        "The default is what --engine says (NAME@flip, or NAME for none). Without --engine it is the gallery's own"
      ))
  }

  @Test("Two networks joined name a person, and a stranger is unknown")
  func joined() throws {
    let galleryctl = try Galleryctl()
    let added = try galleryctl(
      "add", "--engine", "sface+resnet", "-n", "Barack Obama", Fixtures.photo("obama.jpg"))
    #expect(added.status == 0, "\(added.errors)")
    let same = try galleryctl("query", Fixtures.photo("obama2.jpg"))
    #expect(same.status == 0 && same.output.contains("Barack Obama"), "\(same.errors)")
    #expect(try galleryctl("query", Fixtures.photo("biden.jpg")).status == 1)
    #expect(try galleryctl("info").output.contains("256 numbers"))
  }

  @Test("doctor shows where a network of the user's own is, and what to do when it is not there")
  func ownFile() throws {
    let galleryctl = try Galleryctl()
    let notes = #"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "arcface"}"#
    _ = try galleryctl.file("own.json", Data(notes.utf8))
    let absent = try galleryctl("doctor", "--engine", "onnx:own.onnx")
    #expect(absent.status == 4 && absent.output.contains("put own.onnx into"), "\(absent.output)")
    try FileManager.default.createSymbolicLink(
      at: galleryctl.folder.appending(path: "own.onnx"),
      withDestinationURL: Fixtures.weights.appending(path: "face_recognition_sface_2021dec_int8bq.onnx"))
    let doctor = try galleryctl("doctor", "--engine", "onnx:own.onnx")
    #expect(doctor.output.contains("/own.onnx"), "\(doctor.output)")
    // What the network is given changes what its embeddings mean: they are no longer the gallery's.
    let added = try galleryctl("add", "--engine", "onnx:own.onnx", "-n", "Ada", Fixtures.photo("obama.jpg"))
    #expect(added.status == 0, "\(added.errors)")
    _ = try galleryctl.file("own.json", Data(notes.replacing("\"scale\": 1", with: "\"scale\": 0.5").utf8))
    let changed = try galleryctl("doctor")
    #expect(changed.status == 4 && changed.output.contains("reembed"), "\(changed.output)")
  }

  @Test("eval says that it cannot store before it looks at a photo")
  func cannotStore() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.file("people/Ada/1.jpg", Data())
    for words in [
      ["--store", "none.json"], ["--store", "people/Ada/1.jpg"], ["--report", "none/page.html"],
      ["--engine", "resnet", "--augment", "flip", "--store", "none.safetensors"],
    ] {
      let run = try galleryctl.run(["eval", "--quiet", "people"] + words)
      #expect(
        run.status > 2 && run.errors.contains(words[words.count - 1].split(separator: "/").last ?? ""),
        "\(run.errors)")
    }
    let own = try galleryctl("eval", "--quiet", "people", "--store", "none.json")
    #expect(
      own.errors.contains("sface are part of the program") && own.errors.contains("onnx:own.onnx"),
      "\(own.errors)")
  }

  @Test("eval says what few people do not support, and stores none of it")
  func unsupported() throws {
    let galleryctl = try Galleryctl()
    let notes = #"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "arcface"}"#
    _ = try galleryctl.file("own.json", Data(notes.utf8))
    try FileManager.default.createSymbolicLink(
      at: galleryctl.folder.appending(path: "own.onnx"),
      withDestinationURL: Fixtures.weights.appending(path: "face_recognition_sface_2021dec_int8bq.onnx"))
    let photos = ["obama.jpg", "biden.jpg", "hanks.png", "astronaut.png"]
    for person in 0..<16 {
      let photo = photos[person % photos.count]
      for copy in 1...2 { _ = try galleryctl.copy(photo, to: "people/person \(person)/\(copy)-\(photo)") }
    }
    let words = ["eval", "--quiet", "--engine", "onnx:own.onnx", "--store", "own.json", "people"]
    let run = try galleryctl.run(words)
    #expect(run.status == 3 && run.errors.hasPrefix("error: Nothing is stored in own.json."), "\(run.errors)")
    #expect(run.errors.contains("at least 142 people are needed"), "\(run.errors)")
    #expect(
      run.output.contains("warning: Thresholds are not supported") && run.output.contains("true matches"))
    #expect(try galleryctl.shell("cat own.json").text == notes)
  }

  @Test("A word that names no engine is refused with the names there are")
  func unknownEngine() throws {
    let run = try Galleryctl()("detect", "--engine", "vgg", Fixtures.photo("obama.jpg"))
    #expect(run.status == 2 && run.errors.contains("resnet, sface+resnet, vgg16"), "\(run.errors)")
    let empty = try Galleryctl()("detect", "--engine", "vgg16:", Fixtures.photo("obama.jpg"))
    #expect(empty.status == 2)
  }
}
