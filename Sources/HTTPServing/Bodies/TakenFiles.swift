internal import Foundation
internal import Synchronization

/// The files that were taken out of a body, by the names of their fields.
final class TakenFiles: Sendable {
  private let files = Mutex<[String: Result<Data, HTTPFailure>]?>(nil)

  /// Nil while nobody has asked for any.
  var current: [String: Result<Data, HTTPFailure>]? {
    get { files.withLock { $0 } }
    set { files.withLock { $0 = newValue } }
  }
}
