internal import Synchronization

extension HNSWIndex {
  /// Vectors that a centre is computed from.
  private static let sampled = 16_384
  /// Vectors from which on there is a centre, and how many times as many there are when it is next thought about.
  private static let (firstCentered, centeredAgain) = (1024, 4)

  /// Counts those of new slots whose codes leave out far more than usual: signs that the vectors have moved away from their
  /// centre.
  func countStrays(_ slots: [UInt32], _ writer: inout Writer) {
    guard space.metric == .cosine, space.usesCodes else { return }
    let most = 2 * 0.107 * storage.center.spread
    writer.strays += slots.count { storage.residuals[Int($0)] > most }
  }

  /// Makes codes relative to the mean of the vectors once they would be a good deal more exact so.
  ///
  /// Before searches may meet the new codes, those that read the old ones have ended. Searches that begin
  /// meanwhile scan the floats: none waits.
  func recenterIfWorthwhile(
    adding vectors: UnsafePointer<Float>, count n: Int, threads: Int, _ writer: inout Writer
  ) {
    let total = count + n
    guard space.metric == .cosine, space.usesCodes, total >= Self.firstCentered,
      total >= writer.centeredAt * Self.centeredAgain || writer.strays > max(256, total / 8)
    else { return }
    (writer.centeredAt, writer.strays) = (total, 0)
    let mean = sampleMean(adding: vectors, count: n)
    // Unit vectors: how far they lie from a point follows from their mean.
    let center = storage.center
    let norm = mean.reduce(0) { $0 + $1 * $1 }
    let product = (0..<space.dimension).reduce(Float(0)) { $0 + mean[$1] * center.values[$1] }
    let spread = max(0.05, max(0, 1 - norm).squareRoot())
    let present = max(0, 1 - 2 * product + center.squaredNorm).squareRoot()
    guard spread < 0.85 * max(present, center.spread) || present > 1.2 * center.spread else { return }
    recode(around: mean, spread: spread, threads: threads, writer)
  }

  private func sampleMean(adding vectors: UnsafePointer<Float>, count n: Int) -> [Float] {
    let dimension = space.dimension
    var sum = [Double](repeating: 0, count: dimension)
    var taken = 0
    func take(_ row: UnsafePointer<Float>) {
      let norm = space.kernels.squaredNorm(row, dimension).squareRoot()
      guard norm > 0 else { return }
      for i in 0..<dimension { sum[i] += Double(row[i]) / norm }
      taken += 1
    }
    let slots = slotCount.load(ordering: .relaxed)
    let step = max(1, (slots + n) / Self.sampled)
    for slot in stride(from: 0, to: slots, by: step) where storage.isCurrent(UInt32(slot)) {
      take(storage.row(UInt32(slot)))
    }
    for i in stride(from: 0, to: n, by: step) { take(vectors + i * dimension) }
    return sum.map { Float($0 / Double(max(1, taken))) }
  }

  private func recode(around mean: [Float], spread: Float, threads: Int, _ writer: Writer) {
    isRecoding.store(true, ordering: .sequentiallyConsistent)
    defer { isRecoding.store(false, ordering: .sequentiallyConsistent) }
    // Searches that do not end keep the codes as they are; a later change tries again.
    guard readers.waitFor(readers.advance()) else { return }
    storage.center.set(mean, spread: spread, space)
    let workers = writer.workers
    Parallel.chunks(slotCount.load(ordering: .relaxed), of: 256, threads: threads) { worker, range in
      for slot in range where self.storage.state(UInt32(slot)) != SlotState.free {
        self.encode(UInt32(slot), squaredNorm: 1, workers[worker])
      }
    }
  }
}
