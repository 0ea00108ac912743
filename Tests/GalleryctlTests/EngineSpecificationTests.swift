import FaceEngine
import Foundation
import Testing

@Suite("The engine of a gallery", .needsPhotos)
struct EngineChoiceTests {
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
    #expect(info.output.contains("precision=bf16"), "\(info.output)")
    let query = try galleryctl("query", "--weights", weights, photos[1])
    #expect(query.status == 0 && query.output.contains("Barack Obama"), "\(query.errors)")
    let other = try galleryctl("query", "--weights", weights, "--engine", "resnet", photos[1])
    #expect(other.status == 4 && other.errors.contains("another engine"), "\(other.errors)")
  }

  @Test("A word that names no engine is refused with the names there are")
  func unknownEngine() throws {
    let run = try Galleryctl()("detect", "--engine", "vgg", Fixtures.photo("obama.jpg"))
    #expect(run.status == 2 && run.errors.contains("resnet, vgg16"), "\(run.errors)")
    let empty = try Galleryctl()("detect", "--engine", "vgg16:", Fixtures.photo("obama.jpg"))
    #expect(empty.status == 2)
  }
}
