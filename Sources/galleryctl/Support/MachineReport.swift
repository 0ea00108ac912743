import Console
import FaceEngine
import Foundation
import Imaging
import NeuralNetwork
import Support

/// The part of `doctor` about speed: which kernel each layer runs and, where it was measured, how fast.
struct MachineReport: Encodable {
  /// A step of the network.
  struct Layer: Encodable {
    let layers: [String]
    let kernel: String
    let output: String
    let milliseconds: Double?
    /// GFLOP/s as the layer's definition counts operations; Winograd's saving can lift it beyond the peak.
    let gigaflops: Double?
  }

  /// A figure of this machine.
  struct Figure: Encodable {
    let name: String
    let value: Double
    let unit: String
  }

  var checks: [HealthCheck]?
  let layers: [Layer]
  private(set) var figures: [Figure] = []

  init(_ engine: FaceEngine, measuring: Bool) throws {
    let steps = try engine.networkSteps()
    let times = measuring ? try engine.networkProfile(runs: 50) : nil
    layers = steps.enumerated().map { index, step in
      Layer(
        layers: step.layers, kernel: step.kernel, output: step.output.description,
        milliseconds: times.map { $0[index] * 1e3 },
        gigaflops: times.map { step.operations / $0[index] / 1e9 })
    }
    if measuring { try measure(engine, operations: steps.reduce(0) { $0 + $1.operations }) }
  }

  /// How many convolutions and dense layers run each kernel: "20 winograd 4×4 avx512, 9 direct avx512".
  static func kernels(in steps: [LayerDescription]) -> String {
    let kernels = steps.map(\.kernel).filter { $0.contains(" ") }
    if kernels.isEmpty { return "those of its library" }
    let counts = Dictionary(grouping: kernels) { $0 }.mapValues(\.count)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
      .joined(separator: ", ")
  }

  private mutating func measure(_ engine: FaceEngine, operations: Double) throws {
    let peak = try InstructionSet.peak()
    add("float32 peak of a core, \(InstructionSet.bestOfFloat32)", peak / 1e9, "GFLOP/s")

    let photo = try Self.photo(width: 853, height: 480)
    let jpeg = try photo.jpegData(quality: 90)
    let decoder = ImageDecoder()
    add("decode a JPEG of 853 × 480", try Self.seconds { _ = try decoder.decode(jpeg) } * 1e3, "ms")
    let search = DetectionOptions(upsampling: 0, tryQuarterTurns: false)
    add(
      "find faces in 853 × 480", try Self.seconds { _ = try engine.detect(in: photo, options: search) } * 1e3,
      "ms")

    let chip = try Self.photo(width: engine.chipWidth, height: engine.chipHeight)
    let one = try Self.seconds { _ = try engine.embed(chips: [chip]) }
    add("embed a face", one * 1e3, "ms")
    add("    of the core's float32 peak", operations / one / peak * 100, "%")
    let eight = [RGBImage](repeating: chip, count: 8)
    let batch = try Self.seconds { _ = try engine.embed(chips: eight) } / 8
    add("embed eight faces, per face", batch * 1e3, "ms")
    let threads = engine.configuration.threads
    if threads > 1 {
      let all = Self.seconds {
        WorkerThread.team(of: threads, "embedding") { _ in _ = try? engine.embed(chips: eight) }
      }
      add("faces embedded a second, \(threads) threads", Double(8 * threads) / all, "faces/s")
      add("    speed-up over one thread", Double(threads) * 8 * batch / all, "×")
    }
  }

  private mutating func add(_ name: String, _ value: Double, _ unit: String) {
    figures.append(Figure(name: name, value: value, unit: unit))
  }

  /// The least time of a run, in runs of about a second in all.
  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    try body()
    var least = Double.infinity
    let begin = ContinuousClock.now
    var runs = 0
    while runs < 3 || ContinuousClock.now - begin < .seconds(1) {
      let start = ContinuousClock.now
      try body()
      least = min(least, (ContinuousClock.now - start) / .seconds(1))
      runs += 1
    }
    return least
  }

  /// A picture of waves, always the same.
  private static func photo(width: Int, height: Int) throws(ImageError) -> RGBImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let wave = (x &* x / 97 &+ y &* y / 53 &+ x &* y / 211) & 255
        pixels.append(UInt8(wave))
        pixels.append(UInt8((wave &+ y) & 255))
        pixels.append(UInt8((wave / 2 &+ x / 4) & 255))
      }
    }
    return try RGBImage(width: width, height: height, pixels: pixels)
  }

  var report: Report {
    let isTimed = layers.contains { $0.milliseconds != nil }
    let columns: [Table.Column] = [.left("kernel"), .right("result")]
    let times: [Table.Column] = isTimed ? [.right("ms"), .right("GFLOP/s")] : []
    var table = Table(columns: columns + times + [.left("layers", limit: 60)])
    for layer in layers {
      let time = layer.milliseconds.map { Format.fixed($0, 3) } ?? ""
      let rate = layer.gigaflops.map { $0 < 1 ? "" : Format.fixed($0, 0) } ?? ""
      table.append(
        [layer.kernel, layer.output] + (isTimed ? [time, rate] : []) + [layer.layers.joined(separator: " + ")]
      )
    }
    var measured = Table(.left("this machine"), .right("figure"), .left("unit"))
    for figure in figures { measured.append([figure.name, Format.number(figure.value), figure.unit]) }
    return Report(table, spaced: true) + Report(measured, spaced: true)
  }
}
