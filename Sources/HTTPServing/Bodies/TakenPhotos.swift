internal import Foundation
internal import Synchronization

/// The photos that were taken out of a body, by the names of their fields.
final class TakenPhotos: Sendable {
  private let photos = Mutex<[String: Result<Data, HTTPFailure>]?>(nil)

  /// Nil while nobody has asked for any.
  var current: [String: Result<Data, HTTPFailure>]? {
    get { photos.withLock { $0 } }
    set { photos.withLock { $0 = newValue } }
  }
}
