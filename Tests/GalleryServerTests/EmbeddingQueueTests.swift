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
    let begun = Atomic(0)
    let sizes = Mutex<[Int]>([])

    func locate(in photo: ReducedImage, options: DetectionOptions) throws(EngineError) -> [FaceEngine.Located]
    {
      []
    }
    func embed(chips: [RGBImage]) throws(EngineError) -> [Embedding] {
      begun.add(1, ordering: .relaxed)
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

  /// Embeds on a thread of its own, which waiting does not take from the pool of tasks.
  private func embed(_ chips: [RGBImage], _ queue: EmbeddingQueue) -> Task<[Embedding], any Error> {
    Task {
      try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try queue.embed(chips) }) }.start()
      }
    }
  }

  @Test("callers share batches, each gets its own, and a bad chip fails its caller only")
  func batches() async throws {
    let steps = Steps()
    let queue = EmbeddingQueue(steps, batch: 4, threads: 1)
    defer { queue.stop() }
    // The first is at work while the others collect.
    let first = embed([chip(0)], queue)
    while steps.begun.load(ordering: .relaxed) < 1 { await Task.yield() }
    let others = (1...6).map { person in
      embed([chip(UInt8(person), red: person == 3 ? 255 : 0)], queue)
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

  @Test("a second batch is computed beside the first when it is full, and not before")
  func twoThreads() async throws {
    let steps = Steps()
    let queue = EmbeddingQueue(steps, batch: 2, threads: 2)
    defer { queue.stop() }
    let first = embed([chip(0)], queue)
    while steps.begun.load(ordering: .relaxed) < 1 { await Task.yield() }
    let second = embed([chip(1)], queue)
    while queue.statistics.waiting < 1 { await Task.yield() }
    try await Task.sleep(for: .milliseconds(50))
    #expect(queue.statistics.waiting == 1)
    // Three chips of one caller are a full batch and a rest, which goes with the one that waits.
    let third = embed((2...4).map { chip($0) }, queue)
    while steps.begun.load(ordering: .relaxed) < 2 { await Task.yield() }
    for _ in 0..<4 { steps.gate.signal() }
    #expect(try await first.value == [FakeEngine.embedding(person: 0, face: 0)])
    #expect(try await second.value == [FakeEngine.embedding(person: 1, face: 0)])
    #expect(try await third.value == (2...4).map { try FakeEngine.embedding(person: $0, face: 0) })
    #expect(steps.sizes.withLock { $0.sorted() } == [1, 1, 1, 2])
  }
}
