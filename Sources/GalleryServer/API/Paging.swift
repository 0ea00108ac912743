internal import HTTPServing
internal import Support

/// What the pages of all lists have in common: `limit` entries after the one that `after` names, which is `next` of the page before.
enum Paging {
  /// Entries of a page unless told otherwise.
  static let standardLimit = 100

  /// The refusal of an `after` that no page gave.
  static var badCursor: HTTPFailure {
    HTTPFailure(
      400, "bad-parameter", "The parameter after must be next of the page before.", number: 26)
  }
}

extension QueryString {
  /// The parameter `after` as the number of an entry.
  ///
  /// - Throws: ``HTTPFailure`` 400 when it is there and is none.
  func entry() throws(HTTPFailure) -> UInt64? {
    guard let text = self["after"] else { return nil }
    guard let number = UInt64(plain: text) else { throw Paging.badCursor }
    return number
  }
}
