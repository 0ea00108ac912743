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

/// The last review of each gallery: it takes long, and is looked through for long.
final class Reviews: Sendable {
  private struct State {
    var last: [String: KeptReview] = [:]
    // Reviews of before the start are told from these.
    var number = UInt64.random(in: 1...1 << 40)
  }

  private let state = Mutex(State())

  /// The last review of a gallery; nil when there was none.
  func last(of gallery: String) -> KeptReview? { state.withLock { $0.last[gallery] } }

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
