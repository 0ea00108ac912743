public import Foundation
internal import Synchronization

/// A file of a list.
public struct ListedFile: Sendable {
  /// What the client calls it; nil when it has no name.
  public let name: String?
  /// The file, or why it cannot be read.
  public let content: Result<Data, HTTPFailure>
}

/// The files that were taken out of a body, by the names of their fields.
final class TakenFiles: Sendable {
  private let listed = Mutex<[ListedFile]?>(nil)

  /// Those of the one field that has several; nil while nobody has asked for them.
  var list: [ListedFile]? {
    get { listed.withLock { $0 } }
    set { listed.withLock { $0 = newValue } }
  }

  private let others = Mutex<[String]>([])

  /// The names of fields that were passed over.
  var passedOver: [String] {
    get { others.withLock { $0 } }
    set { others.withLock { $0 = newValue } }
  }

  private let files = Mutex<[String: Result<Data, HTTPFailure>]?>(nil)

  /// Nil while nobody has asked for any.
  var current: [String: Result<Data, HTTPFailure>]? {
    get { files.withLock { $0 } }
    set { files.withLock { $0 = newValue } }
  }
}
