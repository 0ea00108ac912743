import FaceGallery
import Foundation
import HTTPServing
import Support
import Synchronization
import TestSupport
import Testing

@testable import GalleryServer

@Suite("Embedding queue")
struct EmbeddingQueueTests {
  /// Embeds a face as its chip's first pixel says; fails when a chip of the batch is red.
  private final class Network: Sendable {
    let gate = DispatchSemaphore(value: 0)
    private let begun = Atomic(0)
    let sizes = Mutex<[Int]>([])

    /// Batches that were begun.
    var begunCount: Int { begun.load(ordering: .relaxed) }

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

  /// What a thread of its own embeds; tasks would wait for the threads of other tests.
  private final class Answer: Sendable {
    private let result = Mutex<Result<[Embedding], any Error>?>(nil)

    init(
      _ faces: [LocatedFace], _ queue: EmbeddingQueue, _ cancellation: Cancellation?, _ owner: Owner?
    ) {
      Thread { [self] in
        Owner.$current.withValue(owner) {
          Cancellation.$current.withValue(cancellation) {
            let embeddings = Result { try queue.embed(faces) }
            result.withLock { $0 = embeddings }
          }
        }
      }.start()
    }

    var isThere: Bool { result.withLock { $0 != nil } }

    var value: [Embedding] {
      get throws {
        #expect(eventually { result.withLock { $0 != nil } })
        return try #require(result.withLock { $0 }).get()
      }
    }
  }

  private func embed(
    _ faces: [LocatedFace], _ queue: EmbeddingQueue, _ cancellation: Cancellation? = nil,
    for owner: Owner? = nil
  ) -> Answer {
    Answer(faces, queue, cancellation, owner)
  }

  @Test("callers share batches, each gets its own, and a bad face fails its caller only")
  func batches() throws {
    let network = Network()
    let queue = network.queue(batch: 4, threads: 1)
    defer { queue.stop() }
    // The first is at work while the others collect.
    let first = embed([face(0)], queue)
    #expect(eventually { network.begunCount == 1 })
    let others = (1...6).map { person in
      embed([face(UInt8(person), red: person == 3 ? 255 : 0)], queue)
    }
    for _ in 0..<20 { network.gate.signal() }
    #expect(try first.value == [FakeEngine.embedding(person: 0, face: 0)])
    for (index, task) in others.enumerated() {
      if index == 2 {
        #expect(throws: EngineError.self) { try task.value }
      } else {
        #expect(try task.value == [FakeEngine.embedding(person: index + 1, face: 0)])
      }
    }
    #expect(network.sizes.withLock { $0.allSatisfy { $0 <= 4 } })
    #expect(queue.statistics.faces == 7)
    #expect(queue.statistics.waiting == 0)
  }

  @Test("a second batch is computed beside the first when it is full, and not before")
  func twoThreads() throws {
    // Whoever began a batch before it is full would do so in one round or another.
    for _ in 0..<50 {
      let network = Network()
      let queue = network.queue(batch: 2, threads: 2)
      defer { queue.stop() }
      let first = embed([face(0)], queue)
      #expect(eventually { network.begunCount == 1 })
      let second = embed([face(1)], queue)
      #expect(eventually { queue.statistics.waiting == 1 })
      let third = embed([face(2)], queue)
      #expect(eventually { network.begunCount == 2 })
      for _ in 0..<3 { network.gate.signal() }
      #expect(try first.value == [FakeEngine.embedding(person: 0, face: 0)])
      #expect(try second.value == [FakeEngine.embedding(person: 1, face: 0)])
      #expect(try third.value == [FakeEngine.embedding(person: 2, face: 0)])
      #expect(network.sizes.withLock { $0.sorted() } == [1, 2])
    }
  }

  @Test(
    "a caller with more than a batch gets its faces in their order, with the rest beside another caller's")
  func severalBatches() throws {
    let network = Network()
    let queue = network.queue(batch: 2, threads: 2)
    defer { queue.stop() }
    let first = embed([face(0)], queue)
    #expect(eventually { network.begunCount == 1 })
    let second = embed([face(1)], queue)
    #expect(eventually { queue.statistics.waiting == 1 })
    // The first of three faces of one caller goes with the one that waits, and the others are a batch.
    let third = embed((2...4).map { face($0) }, queue)
    #expect(eventually { network.begunCount == 2 })
    for _ in 0..<4 { network.gate.signal() }
    #expect(try first.value == [FakeEngine.embedding(person: 0, face: 0)])
    #expect(try second.value == [FakeEngine.embedding(person: 1, face: 0)])
    #expect(try third.value == (2...4).map { try FakeEngine.embedding(person: $0, face: 0) })
    #expect(network.sizes.withLock { $0.sorted() } == [1, 2, 2])
  }

  @Test("faces of a client that left are not embedded, and those of others are")
  func cancelled() throws {
    let network = Network()
    let queue = network.queue(batch: 4, threads: 1)
    defer { queue.stop() }
    let first = embed([face(0)], queue)
    #expect(eventually { network.begunCount == 1 })
    let cancellation = Cancellation()
    let gone = embed([face(1)], queue, cancellation)
    let second = embed([face(2)], queue)
    #expect(eventually { queue.statistics.waiting == 2 })
    cancellation.cancel()
    for _ in 0..<2 { network.gate.signal() }
    #expect(try first.value.count == 1)
    #expect(try second.value == [FakeEngine.embedding(person: 2, face: 0)])
    #expect(throws: EngineError.self) { try gone.value }
    #expect(network.sizes.withLock { $0 } == [1, 1])
    #expect(queue.statistics.waiting == 0)
  }

  @Test("a photo with many faces takes turns with other galleries and keys, face by face")
  func turns() throws {
    let network = Network()
    let queue = network.queue(batch: 4, threads: 1)
    defer { queue.stop() }
    let crowd = embed(
      (0..<40).map { face(UInt8($0)) }, queue, for: Owner(group: "a", name: "1"))
    #expect(eventually { network.begunCount == 1 && queue.statistics.waiting == 36 })
    let sameKey = embed([face(50)], queue, for: Owner(group: "a", name: "1"))
    #expect(eventually { queue.statistics.waiting == 37 })
    let otherKey = embed([face(51)], queue, for: Owner(group: "a", name: "2"))
    #expect(eventually { queue.statistics.waiting == 38 })
    let otherGallery = embed([face(52)], queue, for: Owner(group: "b", name: "1"))
    #expect(eventually { queue.statistics.waiting == 39 })
    for _ in 0..<2 { network.gate.signal() }
    #expect(try otherGallery.value == [FakeEngine.embedding(person: 52, face: 0)])
    #expect(try otherKey.value == [FakeEngine.embedding(person: 51, face: 0)])
    #expect(!crowd.isThere && !sameKey.isThere)
    #expect(network.sizes.withLock { $0 } == [4, 4])
    for _ in 0..<20 { network.gate.signal() }
    #expect(try crowd.value == (0..<40).map { try FakeEngine.embedding(person: $0, face: 0) })
    #expect(try sameKey.value.count == 1)
    #expect(queue.statistics.waiting == 0)
  }

  @Test("a photo whose first faces fail is not embedded further")
  func failedRest() throws {
    let network = Network()
    let queue = network.queue(batch: 2, threads: 1)
    defer { queue.stop() }
    let first = embed([face(0)], queue)
    #expect(eventually { network.begunCount == 1 })
    let bad = embed((1...9).map { face($0, red: $0 == 1 ? 255 : 0) }, queue)
    #expect(eventually { queue.statistics.waiting == 9 })
    for _ in 0..<20 { network.gate.signal() }
    #expect(try first.value.count == 1)
    #expect(throws: EngineError.self) { try bad.value }
    #expect(queue.statistics.waiting == 0)
    // The batch of the bad face, and that again by itself.
    #expect(network.begunCount == 3)
  }
}
