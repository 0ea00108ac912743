import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Processors without AVX-512 are most of those in use: the same programs, held to what such a processor has.
@Suite("Other instruction sets", .needsPhotos)
struct InstructionSetTests {
  private static let olderProcessor = [
    "FACEGALLERY_ISA": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell",
  ]

  private struct Report: Decodable {
    struct Layer: Decodable {
      let layers: [String]
      let kernel: String
      let milliseconds: Double?
      let gigaflops: Double?
    }
    struct Figure: Decodable {
      let name: String
      let value: Double
      let unit: String
    }
    let layers: [Layer]
    let figures: [Figure]
  }

  private struct Verified: Decodable {
    struct Face: Decodable {
      struct Box: Decodable, Equatable {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
      }
      let box: Box
    }
    let similarity: Float
    let faces: [Face]
  }

  @Test("doctor lists the kernel of every layer, of the set that is asked for")
  func layers() throws {
    let galleryctl = try Galleryctl()
    let words = ["doctor", "--layers", "--json", "--engine", "resnet"]
    let best = try galleryctl.run(words).json(Report.self)
    #expect(best.layers.count >= 30 && best.layers.allSatisfy { $0.milliseconds == nil })
    #expect(best.layers.contains { $0.kernel == "winograd 4×4 \(InstructionSet.bestOfFloat32)" })
    #expect(!best.layers.contains { $0.kernel.contains("bf16") || $0.kernel.contains("amx") })
    for name in InstructionSet.available where name != "portable" {
      let forced = try galleryctl.run(words, environment: ["FACEGALLERY_ISA": name])
      // What has bfloat16 as well multiplies float32 by the instructions of AVX-512.
      let floats = ["amx", "avx512bf16"].contains(name) ? "avx512" : name
      #expect(try forced.json(Report.self).layers.contains { $0.kernel == "winograd 4×4 \(floats)" })
    }
    if let pairs = InstructionSet.available.first(where: { $0 == "avx512bf16" }) {
      let half = try galleryctl.run(words.dropLast() + ["resnet@bf16"]).json(Report.self)
      #expect(half.layers.contains { $0.kernel == "winograd 4×4 bfloat16 \(pairs)" })
    }
    let text = try galleryctl("doctor", "--engine", "resnet").output
    #expect(text.contains("winograd 4×4") && text.contains("float32: ") && text.contains("@bf16"))
    #expect(try galleryctl("doctor").output.contains("depthwise"))
  }

  @Test("doctor --bench measures each layer and this machine")
  func bench() throws {
    let report = try Galleryctl()("doctor", "--bench", "--json").json(Report.self)
    #expect(report.layers.allSatisfy { $0.milliseconds ?? -1 >= 0 })
    #expect(report.layers.contains { $0.gigaflops ?? 0 > 0 })
    #expect(report.figures.count >= 6 && report.figures.allSatisfy { $0.value > 0 && !$0.unit.isEmpty })
  }

  @Test(
    "two photos are as similar on AVX2, and on none at all",
    arguments: [olderProcessor, ["FACEGALLERY_ISA": "portable"]], ["sface", "resnet"])
  func similarity(environment: [String: String], engine: String) throws {
    let galleryctl = try Galleryctl()
    let words = [
      "verify", "--json", "--engine", engine, "--upsample", "0", Fixtures.photo("obama.jpg"),
      Fixtures.photo("obama2.jpg"),
    ]
    let best = try galleryctl.run(words).json(Verified.self)
    let older = try galleryctl.run(words, environment: environment).json(Verified.self)
    #expect(older.faces.map(\.box) == best.faces.map(\.box))
    // Kernels add in another order, and what a face is turned by is a multiple of what its landmarks differ.
    #expect(abs(older.similarity - best.similarity) < 1e-3)
  }

  @Test("oneDNN held to AVX2 embeds as our own kernels do")
  func oneDNN() throws {
    let galleryctl = try Galleryctl()
    let chip = (0..<150 * 150 * 3).map { UInt8(truncatingIfNeeded: $0 &* $0 / 77 &+ $0 / 450) }
    let chips = try galleryctl.file("chips.rgb", chip + chip.reversed())
    let weights = Fixtures.weights.appending(path: "dlib_face_recognition_resnet_model_v1.dat").path
    func embeddings(_ words: String..., environment: [String: String] = [:]) throws -> [Float] {
      let run = try galleryctl.start(
        [weights, "--embed", chips] + words, environment: environment, program: "enginebench")
      let data = run.1.fileHandleForReading.readWhole()
      run.0.waitUntilExit()
      #expect(run.0.terminationStatus == 0)
      return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }
    let best = try embeddings()
    #expect(best.count == 256)
    for words in ["automatic", "oneDNN", "oneDNNDirect"] {
      let older = try embeddings("--convolutions", words, environment: Self.olderProcessor)
      #expect(zip(best, older).allSatisfy { abs($0 - $1) <= 1e-5 } && older.count == 256, "\(words)")
    }
  }
}
