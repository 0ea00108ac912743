import Synchronization
import Testing

@testable import VectorIndex

@Suite("Searching while writing")
struct ConcurrencyTests {
  @Test(
    "searches beside a writer that adds, updates and removes never miss what stays", .timeLimit(.minutes(2)))
  func searchesBesideWriter() throws {
    var samples = Samples(seed: 61)
    let dimension = 70
    let index = try makeIndex(dimension, M: 8, efConstruction: 40)
    let stays = samples.rows(400, dimension)
    try index.add(stays, keys: (0..<400).map { UInt64($0) })
    let others = samples.rows(200, dimension)
    let done = Atomic<Bool>(false)
    let wrong = Atomic<Int>(0)
    let searches = Atomic<Int>(0)
    Parallel.run(threads: 3) { worker in
      if worker == 0 {
        for round in 0..<3 {
          for i in 0..<200 {
            let row = Array(others[(i * dimension)..<((i + 1) * dimension)])
            if (try? index.add(row, key: UInt64(1000 + i))) == nil { wrong.add(1, ordering: .relaxed) }
            if i % 3 == 0 { try? index.update(row.reversed(), key: UInt64(1000 + i)) }
          }
          for i in 0..<200 where (try? index.remove(UInt64(1000 + i))) != true {
            wrong.add(1, ordering: .relaxed)
          }
          if round == 1 { try? index.compact() }
        }
        done.store(true, ordering: .releasing)
        return
      }
      var i = worker
      while !done.load(ordering: .acquiring) {
        i = (i + 7) % 400
        let row = Array(stays[(i * dimension)..<((i + 1) * dimension)])
        let plan: SearchOptions.Plan = i % 5 == 0 ? .exact : .graph
        let found = try? index.search(row, k: 5, options: .init(ef: 60, plan: plan)).neighbors
        let keys = found?.map(\.key) ?? []
        if keys.first != UInt64(i) || Set(keys).count != keys.count { wrong.add(1, ordering: .relaxed) }
        if (try? index.vector(for: UInt64(i))) == nil { wrong.add(1, ordering: .relaxed) }
        searches.add(1, ordering: .relaxed)
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(searches.load(ordering: .relaxed) > 0)
    try index.checkInvariants()
    #expect(index.count == 400)
  }

  @Test("a parallel build beside searches is whole", .timeLimit(.minutes(2)))
  func parallelBuild() throws {
    var samples = Samples(seed: 62)
    let rows = samples.faces(people: 500, photos: 4, dimension: 128)
    let index = try makeIndex(128, efConstruction: 50)
    let queries = samples.rows(8, 128)
    Parallel.run(threads: 2) { worker in
      if worker == 0 {
        try? index.add(rows, keys: (0..<2000).map { UInt64($0) }, threads: 2)
      } else {
        while index.count < 2000 { _ = try? index.search(batch: queries, k: 3, options: .init(plan: .graph)) }
      }
    }
    try index.checkInvariants()
    #expect(try index.measureRecall(sample: 50, k: 10, ef: 80).recall >= 0.95)
  }

  @Test("batches on several threads answer in order")
  func batches() throws {
    var samples = Samples(seed: 63)
    let rows = samples.rows(500, 16)
    let index = try makeIndex(16)
    try index.add(rows, keys: (0..<500).map { UInt64($0) })
    let results = try index.search(batch: rows, k: 1, threads: 3)
    #expect(results.map { $0.neighbors.first?.key } == (0..<500).map { UInt64($0) })
    #expect(throws: IndexError.self) { try index.search(batch: [1, 2, 3], k: 1) }
  }
}
