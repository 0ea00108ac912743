public import CVectorIndex
internal import VectorIndex

/// `vi_search` of vectorindex.h.
@_cdecl("vi_search")
public func search(
  _ name: OpaquePointer?, _ queries: UnsafePointer<Float>?, _ rows: Int64, _ k: Int64,
  _ options: UnsafePointer<vi_search_options>?, _ keys: UnsafeMutablePointer<UInt64>?,
  _ scores: UnsafeMutablePointer<Float>?, _ answers: UnsafeMutablePointer<vi_answer>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let dimension = index.configuration.dimension
    let rows = try Arguments.count(rows, "rows")
    let k = try Arguments.count(k, "k", atLeast: 1)
    let floats = try Arguments.product(rows, dimension, of: 4, "rows")
    let places = try Arguments.product(rows, k, of: 8, "rows")
    let queries = try Arguments.array(queries, floats, "queries")
    let keys = try Arguments.array(keys, places, "keys")
    let scores = try Arguments.optional(scores, places, "scores")
    let answers = try Arguments.optional(answers, rows, "answers")
    let effort = try Effort(options)
    // Answers of so many rows are held at once, beside the caller's room for them.
    for begin in stride(from: 0, to: rows, by: 8192) {
      let range = begin..<min(rows, begin + 8192)
      let part = UnsafeBufferPointer(
        rebasing: queries[(range.lowerBound * dimension)..<(range.upperBound * dimension)])
      let results = try asking { () throws(IndexError) in
        try index.search(batch: part, k: k, options: effort.options, threads: effort.threads)
      }
      for (row, result) in zip(range, results) {
        for (i, neighbor) in result.neighbors.enumerated() {
          keys[row * k + i] = neighbor.key
          scores?[row * k + i] = neighbor.score
        }
        for i in result.neighbors.count..<k {
          keys[row * k + i] = .max
          scores?[row * k + i] = .nan
        }
        answers?[row] = vi_answer(result)
      }
    }
  }
}

/// `vi_range` of vectorindex.h.
@_cdecl("vi_range")
public func range(
  _ name: OpaquePointer?, _ query: UnsafePointer<Float>?, _ score: Float,
  _ options: UnsafePointer<vi_search_options>?, _ keys: UnsafeMutablePointer<UInt64>?,
  _ scores: UnsafeMutablePointer<Float>?, _ capacity: Int64, _ answer: UnsafeMutablePointer<vi_answer>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let query = try Arguments.array(query, index.configuration.dimension, "query")
    let capacity = try Arguments.count(capacity, "capacity")
    let keys = try Arguments.array(keys, capacity, "keys")
    let scores = try Arguments.optional(scores, capacity, "scores")
    let answer = try Arguments.present(answer, "answer")
    let effort = try Effort(options)
    guard effort.options.minimumScore == nil else {
      throw .argument("options->has_minimum_score", "is given beside the parameter score")
    }
    let result = try asking { () throws(IndexError) in
      try index.range(Array(query), score: score, options: effort.options)
    }
    for (i, neighbor) in result.neighbors.prefix(capacity).enumerated() {
      keys[i] = neighbor.key
      scores?[i] = neighbor.score
    }
    answer.pointee = vi_answer(result)
  }
}

extension vi_answer {
  fileprivate init(_ result: SearchResult) {
    self.init(
      count: Int64(result.neighbors.count), expected_recall: result.expectedRecall ?? .nan,
      answered_by: Int32(result.plan.number), reserved: 0)
  }
}

extension AnsweredBy {
  /// The number that C knows it by.
  var number: Int {
    switch self {
    case .graph: VI_BY_GRAPH
    case .widenedGraph: VI_BY_WIDENED_GRAPH
    case .exactAsAsked: VI_BY_EXACT_AS_ASKED
    case .exactAsSmall: VI_BY_EXACT_AS_SMALL
    case .exactAsNarrow: VI_BY_EXACT_AS_NARROW
    case .exactAsExhaustive: VI_BY_EXACT_AS_EXHAUSTIVE
    case .exactAsMeasured: VI_BY_EXACT_AS_MEASURED
    }
  }
}
