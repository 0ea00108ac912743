import FaceGallery
import Foundation
import Synchronization
import Testing

@testable import GalleryServer

@Suite("Embedding queue")
struct EmbeddingQueueTests {
  /// Embeds a face as its chip's first pixel says; fails when a chip of the batch is red.
  private final class Network: Sendable {
    let gate = DispatchSemaphore(value: 0)
    let begun = Atomic(0)
    let sizes = Mutex<[Int]>([])

    func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
      begun.add(1, ordering: .relaxed)
      gate.wait()
      sizes.withLock { $0.append(faces.count) }
      var embeddings: [Embedding] = []
      for face in faces {
        guard case .chip(let chip) = face.source, chip[0, 0].red < 255 else {
          throw EngineError(.invalidInput, "A red chip.")
        }
        embeddings.append(try FakeEngine.embedding(person: Int(chip[0, 0].green), face: 0))
      }
      return embeddings
    }

    func queue(batch: Int, threads: Int) -> EmbeddingQueue {
      EmbeddingQueue(batch: batch, threads: threads) { faces throws(EngineError) in try self.embed(faces) }
    }
  }

  private func face(_ person: UInt8, red: UInt8 = 0) -> LocatedFace {
    let quality = FaceQuality(size: 2, sharpness: 1, yaw: 0, roll: 0, detectorScore: 1)
    let detection = DetectedFace(
      box: PixelRect(x: 0, y: 0, width: 2, height: 2), landmarks: [], quality: quality)
    return LocatedFace(detection, .chip(RGBImage(width: 2, height: 2, red: red, green: person, blue: 0)))
  }

  /// Embeds on a thread of its own, which waiting does not take from the pool of tasks.
  private func embed(_ faces: [LocatedFace], _ queue: EmbeddingQueue) -> Task<[Embedding], any Error> {
    Task {
      try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try queue.embed(faces) }) }.start()
      }
    }
  }

  @Test("callers share batches, each gets its own, and a bad face fails its caller only")
  func batches() async throws {
    let network = Network()
    let queue = network.queue(batch: 4, threads: 1)
    defer { queue.stop() }
    // The first is at work while the others collect.
    let first = embed([face(0)], queue)
    while network.begun.load(ordering: .relaxed) < 1 { await Task.yield() }
    let others = (1...6).map { person in
      embed([face(UInt8(person), red: person == 3 ? 255 : 0)], queue)
    }
    for _ in 0..<20 { network.gate.signal() }
    #expect(try await first.value == [FakeEngine.embedding(person: 0, face: 0)])
    for (index, task) in others.enumerated() {
      if index == 2 {
        await #expect(throws: EngineError.self) { try await task.value }
      } else {
        #expect(try await task.value == [FakeEngine.embedding(person: index + 1, face: 0)])
      }
    }
    #expect(network.sizes.withLock { $0.allSatisfy { $0 <= 4 } })
    #expect(queue.statistics.faces == 7)
    #expect(queue.statistics.waiting == 0)
  }

  @Test("a second batch is computed beside the first when it is full, and not before")
  func twoThreads() async throws {
    let network = Network()
    let queue = network.queue(batch: 2, threads: 2)
    defer { queue.stop() }
    let first = embed([face(0)], queue)
    while network.begun.load(ordering: .relaxed) < 1 { await Task.yield() }
    let second = embed([face(1)], queue)
    while queue.statistics.waiting < 1 { await Task.yield() }
    try await Task.sleep(for: .milliseconds(50))
    #expect(queue.statistics.waiting == 1)
    // Three faces of one caller are a full batch and a rest, which goes with the one that waits.
    let third = embed((2...4).map { face($0) }, queue)
    while network.begun.load(ordering: .relaxed) < 2 { await Task.yield() }
    for _ in 0..<4 { network.gate.signal() }
    #expect(try await first.value == [FakeEngine.embedding(person: 0, face: 0)])
    #expect(try await second.value == [FakeEngine.embedding(person: 1, face: 0)])
    #expect(try await third.value == (2...4).map { try FakeEngine.embedding(person: $0, face: 0) })
    #expect(network.sizes.withLock { $0.sorted() } == [1, 1, 1, 2])
  }
}
