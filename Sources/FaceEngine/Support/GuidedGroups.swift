extension Array {
  /// Divides items into groups to be taken one by one by several threads: large ones first, smaller ones towards the end, so that
  /// all threads end at about the same time (guided self-scheduling, Polychronopoulos and Kuck 1987).
  ///
  /// - Parameters:
  ///   - largest: The most items in a group, at least 1.
  ///   - threads: How many threads take groups, at least 1.
  package func guidedGroups(ofAtMost largest: Int, threads: Int) -> [ArraySlice<Element>] {
    var groups: [ArraySlice<Element>] = []
    var rest = self[...]
    while !rest.isEmpty {
      let size = Swift.min(Swift.max(rest.count / (2 * threads), 1), largest)
      groups.append(rest.prefix(size))
      rest.removeFirst(size)
    }
    return groups
  }
}
