internal import FaceGallery
internal import Foundation
internal import HTTPServing
internal import Support
internal import Synchronization

/// A review as it was made, and where its pages begin.
struct KeptReview: Sendable {
  let made: Date
  /// Faces that were looked at.
  let faces: Int
  let entries: [FaceReview.Entry]
  /// Which of the reviews that were made it is.
  private let number: UInt64

  init(_ review: FaceReview, number: UInt64) {
    (made, faces, entries, self.number) = (.now, review.faces, review.entries, number)
  }

  /// Names a place of this review, and of no other.
  func cursor(_ place: Int) -> String { "\(number)-\(place)" }

  /// The place that was named.
  ///
  /// - Throws: ``HTTPFailure``: 400 for what names none, 409 for one of an earlier review.
  func place(_ cursor: String) throws(HTTPFailure) -> Int {
    let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let number = UInt64(plain: parts[0]), let place = Int(plain: parts[1]), place >= 0
    else { throw Paging.badCursor }
    guard number == self.number else {
      throw HTTPFailure(
        409, "review-replaced", "Another review was made since that page; begin with the first one again.")
    }
    return place
  }
}

/// How far a review is that is being made.
struct ReviewProgress: Sendable, Hashable {
  /// Faces that were compared.
  var done: Int
  /// Faces that there are to compare.
  var total: Int
}

/// The last review of each gallery: it takes long, and is looked through for long.
final class Reviews: Sendable {
  private struct State {
    var last: [String: KeptReview] = [:]
    /// Those that are being made, by the number of their beginning.
    var running: [String: [UInt64: ReviewProgress]] = [:]
    var begun: UInt64 = 0
    // Reviews of before the start are told from these.
    var number = UInt64.random(in: 1...1 << 40)
  }

  private let state = Mutex(State())

  /// The last review of a gallery; nil when there was none.
  func last(of gallery: String) -> KeptReview? { state.withLock { $0.last[gallery] } }

  /// How far the review of a gallery is that was begun last; nil when none is being made.
  func progress(of gallery: String) -> ReviewProgress? {
    state.withLock { state in state.running[gallery]?.max { $0.key < $1.key }?.value }
  }

  /// Makes a review, and keeps it.
  ///
  /// - Parameter make: Gives the review, and calls what it gets with the number of faces done and of all.
  func make(
    of gallery: String, _ make: (@escaping (Int, Int) -> Void) throws -> FaceReview
  ) rethrows -> KeptReview {
    let number = state.withLock { state in
      state.begun += 1
      state.running[gallery, default: [:]][state.begun] = ReviewProgress(done: 0, total: 0)
      return state.begun
    }
    defer { state.withLock { $0.running[gallery]?[number] = nil } }
    let review = try make { done, total in
      self.state.withLock { $0.running[gallery]?[number] = ReviewProgress(done: done, total: total) }
    }
    return keep(review, of: gallery)
  }

  /// Keeps a review in the place of the last one.
  func keep(_ review: FaceReview, of gallery: String) -> KeptReview {
    state.withLock { state in
      state.number += 1
      let kept = KeptReview(review, number: state.number)
      state.last[gallery] = kept
      return kept
    }
  }
}
