extension Transaction where Self: ~Copyable {
  /// Asks the system to bring the values of a range of numbers into memory, many at a time, without waiting for them.
  ///
  /// For work that is about to go through them: page after page, each waited for, they come ten times slower. Values that are
  /// in memory, by a sample, are not asked for.
  ///
  /// - Complexity: O(pages of the range) when they are not in memory.
  public func prefetch<Value>(_ range: Range<UInt64>, of database: Database<UInt64, Value>) {
    guard let tree = PageTree(of: database.name, raw) else { return }
    tree.prefetch(tree.leaves(in: range))
  }

  /// Asks the system to bring the values of some numbers into memory, as ``prefetch(_:of:)-(Range<UInt64>,_)`` does.
  public func prefetch<Value>(_ numbers: [UInt64], of database: Database<UInt64, Value>) {
    guard let tree = PageTree(of: database.name, raw) else { return }
    tree.prefetch(tree.leaves(of: numbers))
  }
}
