import FaceEngine
import Foundation
import Imaging
import NeuralNetwork
import Testing

@Suite(
  "Engines with a network of the user's own",
  .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
struct NetworkChoiceTests {
  private func engine(_ choice: EngineSpecification, _ folder: URL) throws(EngineError) -> FaceEngine {
    try FaceEngine(EngineConfiguration(weightsDirectory: folder, engine: choice))
  }

  @Test("VGG16 of convolutions and a head embeds the same from one file and from two")
  func vgg16() throws {
    try MadeNetwork.withFolder { folder throws in
      let (backbone, head) = (try MadeNetwork.backbone(), try MadeNetwork.head(inputs: 4 * 512))
      let parts = (folder.appending(path: "backbone.safetensors"), folder.appending(path: "head.safetensors"))
      try NetworkFile.write(backbone, to: parts.0)
      try NetworkFile.write(head, to: parts.1)
      let whole = folder.appending(path: "whole.safetensors")
      try NetworkFile.write(try NetworkReader.network(at: parts.0, head: parts.1), to: whole)

      let joined = try engine(
        EngineSpecification(name: "vgg16", weights: parts.0.path, head: parts.1.path), folder)
      let single = try engine(EngineSpecification(name: "vgg16", weights: whole.path), folder)
      // 2048 inputs of the head are 2 × 2 × 512: images of 64 × 64.
      #expect(single.chipHeight == 64 && single.chipWidth == 64)
      #expect(single.fingerprint.dimension == 128 && single.fingerprint.network == "vgg16")
      #expect(single.fingerprint.preprocessing == "bgr, (value - (93.594, 104.7624, 129.1863)) * 1.0")
      #expect(single.fingerprint.alignment.contains("64 pixels"))
      #expect(!single.operatingPoint.isCalibrated)

      let photo = try TestData.photo("obama.jpg")
      let face = try #require(try single.faces(in: photo).first)
      let other = try #require(try joined.faces(in: photo).first)
      #expect(face == other)
      let reference = try #require(try TestData.engine.get().faces(in: photo).first)
      #expect(face.detection == reference.detection, "the network changes nothing before it")
      #expect(face.embedding != reference.embedding)

      // The network by itself, on the pixels that the file's preprocessing makes, gives the same vector.
      let chip = try single.chip(of: face.detection, in: photo)
      let mean: [Float] = [93.5940, 104.7624, 129.1863]
      let input = stride(from: 0, to: chip.pixels.count, by: 3).flatMap { place in
        (0..<3).map { Float(chip.pixels[place + 2 - $0]) - mean[$0] }
      }
      let plan = try ExecutionPlan(
        NetworkReader.network(at: whole), height: 64, width: 64)
      let expected = try Embedding(normalizing: plan.run(input))
      #expect(face.embedding.cosineSimilarity(to: expected) > 0.999_999)
    }
  }

  @Test("VGG16 may end before its last block, as a head that was trained there wants it")
  func cut() throws {
    try MadeNetwork.withFolder { folder throws in
      var network = try MadeNetwork.backbone(height: 32, width: 32, blocks: 4)
      network = try network.followed(
        by: Network(input: InputShape(), nodes: [Node("flatten", .flatten, inputs: [Network.inputName])])
      ).followed(by: MadeNetwork.head(inputs: 2 * 2 * 512, outputs: 16))
      let file = folder.appending(path: "cut.safetensors")
      try NetworkFile.write(network, to: file)
      let engine = try engine(EngineSpecification(name: "vgg16", weights: file.path), folder)
      #expect(engine.chipHeight == 32 && engine.fingerprint.dimension == 16)
      #expect(engine.fingerprint.preprocessing.hasPrefix("bgr"))
      #expect(try engine.faces(in: TestData.photo("obama.jpg")).count == 1)
    }
  }

  @Test("Faces are found by the detector that a model says it was trained by, unless told otherwise")
  func notedDetector() throws {
    try MadeNetwork.withFolder { folder throws in
      let file = folder.appending(path: "noted.safetensors")
      var network = try MadeNetwork.backbone(height: 32, width: 32, blocks: 4)
      network = try network.followed(
        by: Network(input: InputShape(), nodes: [Node("flatten", .flatten, inputs: [Network.inputName])])
      ).followed(by: MadeNetwork.head(inputs: 2 * 2 * 512, outputs: 16))
      try NetworkFile.write(network, to: file)
      let choice = EngineSpecification(name: "vgg16", weights: file.path)
      let plain = try engine(choice, TestData.weights)
      #expect(plain.detector == .hog)
      for (note, detector) in [("yunet", DetectorKind.yunet), ("hog", .hog), ("nonsense", .hog)] {
        try NetworkFile.annotate(file, with: [VGG16Engine.detectorKey: note])
        #expect(try NetworkFile.annotations(file)[VGG16Engine.detectorKey] == note)
        let noted = try engine(choice, TestData.weights)
        #expect(noted.detector == detector, "\(note)")
        #expect(noted.fingerprint.weightsDigest == plain.fingerprint.weightsDigest)
      }
      try NetworkFile.annotate(file, with: [VGG16Engine.detectorKey: "yunet"])
      let told = try FaceEngine(
        EngineConfiguration(weightsDirectory: TestData.weights, detector: .hog, engine: choice))
      #expect(told.detector == .hog)
    }
  }

  @Test("Oblong images are the middle of square chips, and qualities do not depend on the network")
  func oblong() throws {
    try MadeNetwork.withFolder { folder throws in
      let file = folder.appending(path: "oblong.safetensors")
      let network = try MadeNetwork.backbone(height: 96, width: 64)
        .followed(
          by: Network(input: InputShape(), nodes: [Node("flatten", .flatten, inputs: [Network.inputName])])
        )
        .followed(by: MadeNetwork.head(inputs: 3 * 2 * 512, outputs: 32))
      try NetworkFile.write(network, to: file)
      let engine = try engine(EngineSpecification(name: "vgg16", weights: file.path), folder)
      let photo = try TestData.photo("obama.jpg")
      let face = try #require(try engine.faces(in: photo).first)
      #expect(face.embedding.dimension == 32)
      let chip = try engine.chip(of: face.detection, in: photo)
      #expect(chip.width == 64 && chip.height == 96)
      let square = try engine.chip(of: face.detection, in: photo, height: 96, width: 96)
      #expect(square.cropped(x: 16, y: 0, width: 64, height: 96) == chip)
      #expect(throws: EngineError.self) {
        try engine.chip(of: face.detection, in: photo, height: 5, width: 5)
      }
    }
  }

  @Test("Storing an operating point calibrates the engine and keeps its fingerprint")
  func calibration() throws {
    try MadeNetwork.withFolder { folder throws in
      let (backbone, head) = (try MadeNetwork.backbone(), try MadeNetwork.head(inputs: 512))
      let parts = (folder.appending(path: "backbone.safetensors"), folder.appending(path: "head.safetensors"))
      try NetworkFile.write(backbone, to: parts.0)
      try NetworkFile.write(head, to: parts.1)
      let file = folder.appending(path: "whole.safetensors")
      try NetworkFile.write(try NetworkReader.network(at: parts.0, head: parts.1), to: file)
      let choice = EngineSpecification(name: "vgg16", weights: file.path)
      let before = try engine(choice, folder)
      let point = OperatingPoint(
        points: [
          .init(falseMatchRate: 0.01, threshold: 0.4), .init(falseMatchRate: 0.001, threshold: 0.6),
        ],
        slope: 12, offset: -6)
      try point.store(inWeightsFile: file)
      let after = try engine(choice, folder)
      #expect(after.operatingPoint == point && after.operatingPoint.isCalibrated)
      #expect(after.fingerprint == before.fingerprint)

      try NetworkFile.annotate(file, with: [OperatingPoint.metadataKey(): "{\"points\":[]}"])
      let error = #expect(throws: EngineError.self) { try engine(choice, folder) }
      #expect(error?.code == .invalidWeights && error?.message.contains("operating point") == true)
    }
  }

  @Test("What is not VGG16, or lacks its head, is refused with the reason")
  func refusals() throws {
    try MadeNetwork.withFolder { folder throws in
      func message(_ choice: EngineSpecification) -> String {
        #expect(throws: EngineError.self) { try engine(choice, folder) }?.message ?? ""
      }
      let backbone = folder.appending(path: "backbone.safetensors")
      try NetworkFile.write(try MadeNetwork.backbone(), to: backbone)
      #expect(message(EngineSpecification(name: "vgg16", weights: backbone.path)).contains("no head"))
      #expect(message(EngineSpecification(name: "vgg16")).contains("vgg16:FILE"))
      #expect(message(EngineSpecification(name: "vgg16", weights: "absent.h5")).contains("absent.h5"))
      #expect(message(EngineSpecification(name: "vgg61")).contains("resnet, vgg16"))
      let bare = folder.appending(path: "bare.safetensors")
      try NetworkFile.write(
        try Network(
          input: InputShape(height: 32, width: 32),
          nodes: [Node("flatten", .flatten, inputs: [Network.inputName])]
        ).followed(by: MadeNetwork.head(inputs: 32 * 32 * 3, outputs: 8)), to: bare)
      #expect(message(EngineSpecification(name: "vgg16", weights: bare.path)).contains("no convolutions"))
      let resnet = TestData.weights.appending(path: "dlib_face_recognition_resnet_model_v1.dat").path
      #expect(
        message(EngineSpecification(name: "vgg16", weights: resnet)).contains(
          "7 × 7 convolution to 32 channels"))
      let head = folder.appending(path: "head.safetensors")
      try NetworkFile.write(try MadeNetwork.head(inputs: 1_000), to: head)
      #expect(
        message(EngineSpecification(name: "vgg16", weights: backbone.path, head: head.path)).contains(
          "embedding"))
      #expect(
        message(EngineSpecification(name: "vgg16", weights: backbone.path, head: backbone.path)).contains(
          "conv1_1"))
    }
  }

  @Test("The manifest's file is the one in the weights folder, whatever lies in the working directory")
  func fileOfTheSameName() throws {
    try MadeNetwork.withFolder { folder throws in
      let here = FileManager.default.currentDirectoryPath
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: here).first)
      let own = EmbeddingFiles(EngineSpecification(name: "own"), default: name, weightsDirectory: folder)
      #expect(own.weights == folder.appending(path: name, directoryHint: .notDirectory))
      let named = EmbeddingFiles(EngineSpecification(name: "own", weights: name), weightsDirectory: folder)
      #expect(named.weights.path.hasPrefix(URL(filePath: here).path))
    }
  }

  @Test("A network that the manifest names needs no code")
  func manifest() throws {
    try MadeNetwork.withFolder { folder throws in
      var network = try Network(
        input: InputShape(height: 40, width: 40),
        nodes: [Node("flatten", .flatten, inputs: [Network.inputName])]
      ).followed(by: MadeNetwork.head(inputs: 40 * 40 * 3, outputs: 16))
      network.preprocessing = Preprocessing(order: .rgb, mean: [127.5, 127.5, 127.5], scale: 1 / 128)
      try NetworkFile.write(network, to: folder.appending(path: "flat.safetensors"))
      let manifest = """
        {"sources": {}, "files": [{"name": "flat.safetensors", "licence": "CC0-1.0", "purpose": "test",
          "engine": "flat"}]}
        """
      try Data(manifest.utf8).write(to: folder.appending(path: "manifest.json"))
      let engine = try engine(EngineSpecification(name: "flat"), folder)
      #expect(engine.fingerprint.network == "flat" && engine.fingerprint.dimension == 16)
      #expect(try engine.faces(in: TestData.photo("obama.jpg")).count == 1)
    }
  }

  @Test(
    "A choice is read from one word and written as it",
    arguments: [
      "resnet", "vgg16:a/b.h5", "vgg16:b.h5,head.keras", "resnet@bf16", "vgg16@bf16:a@b.h5,head@bf16.keras",
    ])
  func words(word: String) throws {
    let choice = try #require(EngineSpecification(word))
    #expect(choice.description == word)
    #expect(try JSONDecoder().decode(EngineSpecification.self, from: JSONEncoder().encode(choice)) == choice)
  }

  @Test("A precision follows the name, and a choice written before there were any is float32")
  func precisions() throws {
    let choice = try #require(EngineSpecification("vgg16@bf16:b.h5"))
    #expect(choice == EngineSpecification(name: "vgg16", weights: "b.h5", precision: .bfloat16))
    #expect(choice.withAbsolutePaths.precision == .bfloat16)
    #expect(EngineSpecification("resnet@f32") == .resNet)
    let old = try JSONDecoder().decode(EngineSpecification.self, from: Data(#"{"name": "resnet"}"#.utf8))
    #expect(old == .resNet)
  }

  @Test("bfloat16 gives nearly the same embedding under another fingerprint")
  func bfloat16() throws {
    let exact = try TestData.engine.get()
    let half = try engine(EngineSpecification(name: "resnet", precision: .bfloat16), TestData.weights)
    #expect(half.fingerprint.precision == .bfloat16)
    #expect(half.fingerprint.description == exact.fingerprint.description + "; precision=bf16")
    #expect(half.fingerprint.digest != exact.fingerprint.digest)
    let photo = try TestData.photo("obama.jpg")
    let a = try #require(try exact.faces(in: photo).first)
    let b = try #require(try half.faces(in: photo).first)
    #expect(a.detection == b.detection)
    #expect(a.embedding != b.embedding && a.embedding.cosineSimilarity(to: b.embedding) > 0.999_5)
  }

  @Test(
    "Words with an empty or unknown part are no choice",
    arguments: [
      "", ":a", "vgg16:", "vgg16:a,", "vgg16:,b", "@bf16", "resnet@", "resnet@f16", "vgg16@:a",
      "resnet@bf16@f32",
    ])
  func emptyWords(word: String) {
    #expect(EngineSpecification(word) == nil)
  }

  @Test("An uncalibrated operating point names nobody")
  func uncalibrated() {
    let point = OperatingPoint.uncalibrated
    #expect(point.threshold(faces: 5) > 1 && point.threshold(falseMatchRate: 0.5) > 1)
    #expect(point.falseMatchRate(threshold: 0.5) == 1 && point.confidence(similarity: 0.9) == 0.5)
  }

  @Test("Fingerprints written before networks were named are the ResNet's")
  func oldFingerprint() throws {
    let old = """
      {"alignment":"a","weightsDigest":"w","preprocessing":"p","normalization":"n","dimension":128}
      """
    let read = try JSONDecoder().decode(EngineFingerprint.self, from: Data(old.utf8))
    #expect(
      read
        == EngineFingerprint(
          alignment: "a", weightsDigest: "w", preprocessing: "p", normalization: "n", dimension: 128))
    #expect(read.description.hasPrefix("alignment=a"))
  }
}
