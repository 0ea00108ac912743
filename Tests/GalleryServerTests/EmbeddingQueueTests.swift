import FaceGallery
import Foundation
import Synchronization
import Testing

@testable import GalleryServer

@Suite("Embedding queue")
struct EmbeddingQueueTests {
  /// Embeds a chip as its first pixel says; fails when a chip of the batch is red.
  private final class Steps: ChipEngine {
    let gate = DispatchSemaphore(value: 0)
    let sizes = Mutex<[Int]>([])

    func detect(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [DetectedFace] { [] }
    func chip(of face: DetectedFace, in image: RGBImage) throws(EngineError) -> RGBImage { image }
    func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding] {
      gate.wait()
      sizes.withLock { $0.append(chips.count) }
      if chips.contains(where: { $0[0, 0].red == 255 }) { throw EngineError(.invalidInput, "A red chip.") }
      var embeddings: [Embedding] = []
      for chip in chips {
        embeddings.append(try FakeEngine.embedding(person: Int(chip[0, 0].green), face: 0))
      }
      return embeddings
    }
  }

  private func chip(_ person: UInt8, red: UInt8 = 0) -> RGBImage {
    RGBImage(width: 2, height: 2, red: red, green: person, blue: 0)
  }

  @Test("callers share batches, each gets its own, and a bad chip fails its caller only")
  func batches() async throws {
    let steps = Steps()
    let queue = EmbeddingQueue(steps, maximumBatch: 4)
    defer { queue.stop() }
    // The first is at work while the others collect.
    let first = Task.detached { try queue.embed([self.chip(0)]) }
    while queue.statistics.waiting > 0 || steps.sizes.withLock({ $0.count }) > 0 { await Task.yield() }
    let others = (1...6).map { person in
      Task.detached { try queue.embed([self.chip(UInt8(person), red: person == 3 ? 255 : 0)]) }
    }
    for _ in 0..<20 { steps.gate.signal() }
    #expect(try await first.value == [FakeEngine.embedding(person: 0, face: 0)])
    for (index, task) in others.enumerated() {
      if index == 2 {
        await #expect(throws: EngineError.self) { try await task.value }
      } else {
        #expect(try await task.value == [FakeEngine.embedding(person: index + 1, face: 0)])
      }
    }
    #expect(steps.sizes.withLock { $0.allSatisfy { $0 <= 4 } })
    #expect(queue.statistics.faces == 7)
    #expect(queue.statistics.waiting == 0)
  }
}
