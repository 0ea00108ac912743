import Foundation
import NeuralNetwork
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  private let file = FileManager.default.temporaryDirectory.appendingPathComponent(
    UUID().uuidString + ".safetensors")

  @Test("A file of the format's own library is read")
  func reference() throws {
    let file = try SafetensorsFile(Fixtures.url("reference.safetensors"))
    let expected = Tensor(shape: [2, 3], values: [-0.75, -0.5, -0.25, 0, 0.25, 0.5])
    #expect(file.names == ["half", "single"])
    #expect(try file.tensor("single") == expected)
    #expect(try file.tensor("half") == expected)
    #expect(file.metadata["origin"] == "safetensors")
  }

  @Test("A network comes back as it was", arguments: ["flat3.keras", "nested2.h5", "residual3.h5"])
  func roundTrip(name: String) throws {
    defer { try? FileManager.default.removeItem(at: file) }
    var network = try NetworkReader.network(at: Fixtures.url(name))
    network.preprocessing = .vggFace
    try NetworkFile.write(network, to: file)
    let back = try NetworkReader.network(at: file)
    #expect(back == network)
    #expect(back.sourceDigest?.count == 64)
  }

  @Test(
    "Half precision is half as long and almost the same",
    arguments: [
      SafetensorsFile.ElementType.float16, .bfloat16,
    ])
  func halfPrecision(type: SafetensorsFile.ElementType) throws {
    defer { try? FileManager.default.removeItem(at: file) }
    let golden = try Fixtures.golden(for: "flat3")
    let network = try NetworkReader.network(at: Fixtures.url("flat3.h5"))
    try NetworkFile.write(network, as: type, to: file)
    let options = PlanOptions(batch: golden.batch)
    let plan = try ExecutionPlan(
      try NetworkFile.read(file), height: golden.height, width: golden.width, options: options)
    let last = try #require(golden.layers.last)
    #expect(golden.error(of: last.name, try plan.run(golden.input)) < (type == .float16 ? 5e-3 : 5e-2))
    let size = try Data(contentsOf: file).count
    try NetworkFile.write(network, to: file)
    #expect(size < (try Data(contentsOf: file).count) * 2 / 3)
  }

  @Test("A flipped bit of a weight is found")
  func checksum() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    try NetworkFile.write(try NetworkReader.network(at: Fixtures.url("sequential3.h5")), to: file)
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count - 100] ^= 1
    try bytes.write(to: file)
    let error = #expect(throws: WeightsError.self) { try NetworkFile.read(file) }
    #expect(error?.code == .wrongChecksum)
  }

  @Test("A weight that is not finite is not written, and nothing is left of the file")
  func notFinite() throws {
    let kernel = Tensor(shape: [1, 2], values: [1, .nan])
    let network = try Network(
      input: InputShape(),
      nodes: [Node("last", .dense(Dense(kernel: kernel)), inputs: [Network.inputName])])
    let error = #expect(throws: WeightsError.self) { try NetworkFile.write(network, to: file) }
    #expect(error?.code == .notFinite && error?.message.contains("last") == true)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    let nowhere = URL(filePath: "/proc/self/none/\(UUID().uuidString).safetensors")
    #expect(throws: WeightsError.self) {
      try SafetensorsWriter.write([("one", Tensor([1]))], metadata: [:], to: nowhere)
    }
  }

  @Test("Half precision refuses what it cannot hold")
  func overflow() throws {
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(throws: WeightsError.self) {
      try SafetensorsWriter.write([("large", Tensor([1, 1e6]))], metadata: [:], as: .float16, to: file)
    }
  }
}
