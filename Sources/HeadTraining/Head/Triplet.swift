/// Three rows of a batch: two photos of one person and one of another.
public struct Triplet: Sendable, Hashable {
  /// The row that is compared.
  public var anchor: Int
  /// Another row of the same person.
  public var positive: Int
  /// A row of somebody else.
  public var negative: Int

  /// A triplet of rows.
  public init(anchor: Int, positive: Int, negative: Int) {
    self.anchor = anchor
    self.positive = positive
    self.negative = negative
  }
}
