internal import CVectorIndex
internal import VectorIndex

/// How a search is to be done, as C says it.
struct Effort {
  let options: SearchOptions
  let threads: Int

  init(_ pointer: UnsafePointer<vi_search_options>?) throws(Failure) {
    guard pointer != nil else {
      options = SearchOptions()
      threads = try Arguments.threads(0)
      return
    }
    let pointer = try Arguments.present(pointer, "options")
    let given = try Arguments.structure(pointer, size: pointer.pointee.size, "options")
    guard given.reserved == 0 else { throw .argument("options->reserved", "is not zero") }
    var options = SearchOptions()
    switch Int(given.plan) {
    case VI_PLAN_AUTOMATIC: options.plan = .automatic
    case VI_PLAN_GRAPH: options.plan = .graph
    case VI_PLAN_EXACT: options.plan = .exact
    default: throw .argument("options->plan", "is \(given.plan), but must be one of VI_PLAN_...")
    }
    let ef = try Arguments.count(given.ef, "options->ef")
    if ef > 0 { options.ef = ef }
    guard (0...1).contains(given.recall) else {
      throw .argument("options->recall", "is \(given.recall), but must be 0 to 1")
    }
    if given.recall > 0 { options.recall = given.recall }
    if given.has_minimum_score != 0 { options.minimumScore = given.minimum_score }
    let filters = try [Self.allowedKeys(given), Self.allowedBits(given), Self.called(given)].compactMap { $0 }
    let groups = try Self.groups(given)
    options.groupBy = groups?.group
    options.filter = Self.all(filters + (groups?.filter.map { [$0] } ?? []))
    self.options = options
    threads = try Arguments.threads(given.threads)
  }

  private typealias Filter = @Sendable (UInt64) -> Bool

  private static func all(_ filters: [Filter]) -> Filter? {
    switch filters.count {
    case 0: nil
    case 1: filters[0]
    default: { key in filters.allSatisfy { $0(key) } }
    }
  }

  private static func allowedKeys(_ given: vi_search_options) throws(Failure) -> Filter? {
    let count = try Arguments.count(given.allowed_count, "options->allowed_count")
    guard given.allowed_keys != nil else {
      guard count == 0 else { throw .argument("options->allowed_keys", "is NULL") }
      return nil
    }
    let keys = Shared(try Arguments.array(given.allowed_keys, count, "options->allowed_keys"))
    for i in keys.array.indices.dropFirst() where keys.array[i] <= keys.array[i - 1] {
      throw .argument("options->allowed_keys", "is not ascending at place \(i)")
    }
    return { keys.array.hasAscending($0) }
  }

  private static func allowedBits(_ given: vi_search_options) throws(Failure) -> Filter? {
    let count = try Arguments.count(given.allowed_bytes, "options->allowed_bytes")
    guard given.allowed_bits != nil else {
      guard count == 0 else { throw .argument("options->allowed_bits", "is NULL") }
      return nil
    }
    let bits = Shared(try Arguments.array(given.allowed_bits, count, "options->allowed_bits"))
    return { key in
      let byte = key >> 3
      return byte < UInt64(bits.array.count) && bits.array[Int(byte)] >> UInt8(key & 7) & 1 != 0
    }
  }

  private static func called(_ given: vi_search_options) -> Filter? {
    guard let filter = given.filter else { return nil }
    let callback = Callback(function: filter, context: given.filter_context)
    return { callback.function($0, callback.context) != 0 }
  }

  private static func groups(
    _ given: vi_search_options
  ) throws(Failure) -> (group: @Sendable (UInt64) -> UInt64, filter: Filter?)? {
    let count = try Arguments.count(given.group_count, "options->group_count")
    guard given.groups != nil else {
      guard count == 0 else { throw .argument("options->groups", "is NULL") }
      guard let function = given.group_by else { return nil }
      let callback = Callback(function: function, context: given.group_context)
      return ({ callback.function($0, callback.context) }, nil)
    }
    guard given.group_by == nil else { throw .argument("options->group_by", "is given beside groups") }
    let groups = Shared(try Arguments.array(given.groups, count, "options->groups"))
    // Only keys that pass are asked for their group, but that is the index's business.
    return (
      { $0 < UInt64(groups.array.count) ? groups.array[Int($0)] : .max },
      { $0 < UInt64(groups.array.count) }
    )
  }

  /// An array of the caller's; unchecked sendable since it is only read, and stays until the call returns.
  private struct Shared<T>: @unchecked Sendable {
    let array: UnsafeBufferPointer<T>
    init(_ array: UnsafeBufferPointer<T>) { self.array = array }
  }

  /// A function of the caller's, which the header asks to be callable from any thread; unchecked sendable for that reason.
  private struct Callback<Function>: @unchecked Sendable {
    let function: Function
    let context: UnsafeMutableRawPointer?
  }
}

extension UnsafeBufferPointer<UInt64> {
  /// Whether an array in ascending order has a value.
  fileprivate func hasAscending(_ value: UInt64) -> Bool {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low] == value
  }
}
