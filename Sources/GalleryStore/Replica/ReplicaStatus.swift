public import Foundation

/// How a copy stands that follows a gallery in PostgreSQL.
public struct ReplicaStatus: Sendable, Hashable {
  /// The address of the truth, without passwords.
  public let server: String
  /// How many commits of the truth the copy has.
  public internal(set) var commits: Int64
  /// The last change that the copy has.
  public internal(set) var sequence: UInt64
  /// The commits that the truth had when it was asked last; nil before it was.
  public internal(set) var truthCommits: Int64?
  /// The last change that the truth had when it was asked last; nil before it was.
  public internal(set) var truthSequence: UInt64?
  /// When the copy was last known to have all that the truth has; nil before it was.
  public internal(set) var inStep: Date?
  /// Whether this program follows, and the truth answered when it was asked last.
  public internal(set) var isConnected = false
  /// Whether a copy of everything is being made.
  public internal(set) var isCopying = false
  /// Faces copied so far, while everything is.
  public internal(set) var copiedFaces = 0
  /// How often the truth had lost commits that the copy had, and they were undone here.
  public internal(set) var rollbacks = 0
  /// How often everything was copied.
  public internal(set) var copies = 0
  /// What is in the way; nil when nothing is.
  public internal(set) var problem: String?

  init(_ state: ReplicaState, sequence: UInt64) {
    server = state.server
    commits = state.isComplete ? state.mark.number : 0
    self.sequence = sequence
  }

  /// Changes of the truth that the copy has yet to take in, as far as is known.
  public var lag: UInt64 {
    guard let truthSequence, truthSequence > sequence else { return 0 }
    return truthSequence - sequence
  }
}
