internal import Foundation
internal import LMDB
internal import Synchronization
internal import VectorIndex

/// Compares a query with the stored vectors of many faces, on all cores when there are enough.
struct VectorScan: Sendable {
  /// Faces that a thread takes at a time.
  private static let share: UInt64 = 8192

  let store: Store
  let query: [Float]
  /// The faces that may be answers; nil is all.
  let filter: FaceFilter?
  /// How many entries are wanted.
  let limit: Int
  let isGrouping: Bool

  /// What the threads of one scan have in common.
  private final class Progress: Sendable {
    let next: Atomic<UInt64>
    let entries = Mutex<[TopFaces.Entry]>([])
    let failure = Mutex<(any Error)?>(nil)

    init(from first: UInt64) { next = Atomic(first) }
  }

  /// Offers the faces with these numbers, as a transaction sees them.
  func run(
    _ faces: ClosedRange<UInt64>, into top: inout TopFaces, _ transaction: borrowing ReadTransaction
  ) throws {
    let shares = (faces.upperBound - faces.lowerBound) / Self.share + 1
    let helpers = min(ProcessInfo.processInfo.activeProcessorCount, Int(clamping: shares)) - 1
    guard helpers > 0 else { return try compare(faces, into: &top, transaction) }
    let progress = Progress(from: faces.lowerBound)
    let finished = DispatchGroup()
    let number = transaction.number
    for _ in 0..<helpers {
      finished.enter()
      let starts = Parallel.detach { [self] in
        help(progress, faces, number)
        finished.leave()
      }
      if !starts { finished.leave() }
    }
    defer { finished.wait() }
    try takeShares(of: faces, progress, into: &top, transaction)
    finished.wait()
    if let failure = progress.failure.withLock({ $0 }) { throw failure }
    for entry in progress.entries.withLock({ $0 }) { top.offer(entry) }
  }

  /// Takes shares on another thread; when the store has changed since the scan began, leaves them to the others.
  private func help(_ progress: Progress, _ faces: ClosedRange<UInt64>, _ number: Int) {
    do {
      try store.environment.read { transaction in
        guard transaction.number == number else { return }
        var top = TopFaces(limit: limit, isGrouping: isGrouping)
        try takeShares(of: faces, progress, into: &top, transaction)
        progress.entries.withLock { $0 += top.entries }
      }
    } catch {
      progress.failure.withLock { $0 = $0 ?? error }
    }
  }

  private func takeShares(
    of faces: ClosedRange<UInt64>, _ progress: Progress, into top: inout TopFaces,
    _ transaction: borrowing ReadTransaction
  ) throws {
    while true {
      let first = progress.next.wrappingAdd(Self.share, ordering: .relaxed).oldValue
      guard first <= faces.upperBound else { return }
      try compare(first...min(first + Self.share - 1, faces.upperBound), into: &top, transaction)
    }
  }

  private func compare(
    _ faces: ClosedRange<UInt64>, into top: inout TopFaces, _ transaction: borrowing ReadTransaction
  ) throws {
    let length = query.count * MemoryLayout<Float>.size
    try query.withUnsafeBufferPointer { query in
      try transaction.scanBatches(store.tables.vectors, in: faces.lowerBound..<faces.upperBound + 1) {
        batch in
        for vector in batch {
          if let filter, !filter.contains(vector.number) { continue }
          guard vector.bytes.count == length else {
            throw Store.damaged("the vector of face \(vector.number) has \(vector.bytes.count) bytes")
          }
          let similarity = VectorBytes.dot(query, vector.bytes)
          if top.mightTake(similarity) { try take(vector.number, similarity, into: &top, transaction) }
        }
      }
    }
  }

  /// Offers a face; those without a name are no answers.
  func take(
    _ face: UInt64, _ similarity: Float, into top: inout TopFaces, _ transaction: borrowing ReadTransaction
  ) throws {
    guard let record = try store.faceRecord(FaceID(rawValue: face), transaction) else {
      throw Store.damaged("face \(face) has a vector and no record")
    }
    if record.person == .unnamed { return }
    top.offer(TopFaces.Entry(face: face, person: record.person.rawValue, similarity: similarity))
  }
}
