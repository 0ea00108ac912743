internal import Foundation
internal import GalleryStore
internal import Support
internal import Synchronization

/// Compares a query with the stored vectors of many faces, on all cores when there are enough.
struct VectorScan: Sendable {
  /// Faces that a thread takes at a time.
  private static let share: UInt64 = 8192

  let store: any Store
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

  /// Offers the faces with these numbers, as a snapshot has them.
  func run(
    _ faces: ClosedRange<UInt64>, into top: inout TopFaces, _ snapshot: borrowing Snapshot
  ) throws {
    let shares = (faces.upperBound - faces.lowerBound) / Self.share + 1
    let helpers = min(ProcessInfo.processInfo.activeProcessorCount, Int(clamping: shares)) - 1
    guard helpers > 0 else { return try compare(faces, into: &top, snapshot) }
    let progress = Progress(from: faces.lowerBound)
    let finished = Countdown()
    let number = snapshot.number
    for _ in 0..<helpers {
      finished.add()
      let starts = WorkerThread.start("scan") { [self] in
        help(progress, faces, number)
        finished.subtract()
      }
      if !starts { finished.subtract() }
    }
    defer { finished.wait() }
    try takeShares(of: faces, progress, into: &top, snapshot)
    finished.wait()
    if let failure = progress.failure.withLock({ $0 }) { throw failure }
    for entry in progress.entries.withLock({ $0 }) { top.offer(entry) }
  }

  /// Takes shares on another thread; when the store has changed since the scan began, leaves them to the others.
  private func help(_ progress: Progress, _ faces: ClosedRange<UInt64>, _ number: Int) {
    do {
      try store.read { snapshot in
        guard snapshot.number == number else { return }
        var top = TopFaces(limit: limit, isGrouping: isGrouping)
        try takeShares(of: faces, progress, into: &top, snapshot)
        progress.entries.withLock { $0 += top.entries }
      }
    } catch {
      progress.failure.withLock { $0 = $0 ?? error }
    }
  }

  private func takeShares(
    of faces: ClosedRange<UInt64>, _ progress: Progress, into top: inout TopFaces,
    _ snapshot: borrowing Snapshot
  ) throws {
    while true {
      let first = progress.next.wrappingAdd(Self.share, ordering: .relaxed).oldValue
      guard first <= faces.upperBound else { return }
      try compare(first...min(first + Self.share - 1, faces.upperBound), into: &top, snapshot)
    }
  }

  private func compare(
    _ faces: ClosedRange<UInt64>, into top: inout TopFaces, _ snapshot: borrowing Snapshot
  ) throws {
    let length = query.count * MemoryLayout<Float>.size
    try query.withUnsafeBufferPointer { query in
      try snapshot.forEachBatch(of: faces) { batch in
        for vector in batch {
          if let filter, !filter.contains(vector.number) { continue }
          guard vector.bytes.count == length else {
            throw GalleryError.damaged("the vector of face \(vector.number) has \(vector.bytes.count) bytes")
          }
          let similarity = CosineSimilarity.dot(query, vector.bytes)
          if top.mightTake(similarity) { try take(vector.number, similarity, into: &top, snapshot) }
        }
      }
    }
  }

  /// Offers a face; those without a name are no answers.
  func take(
    _ face: UInt64, _ similarity: Float, into top: inout TopFaces, _ snapshot: borrowing Snapshot
  ) throws {
    guard let record = try snapshot.faceRecord(FaceID(rawValue: face)) else {
      throw GalleryError.damaged("face \(face) has a vector and no record")
    }
    if record.person == .unnamed { return }
    top.offer(TopFaces.Entry(face: face, person: record.person.rawValue, similarity: similarity))
  }
}
