import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Vectors that are there many times")
struct TwinTests {
  /// A few vectors, each many times, among others that are there once.
  static func rows(_ n: Int, copied: Int, _ dimension: Int, _ samples: inout Samples) -> [[Float]] {
    let copies = (0..<copied).map { _ in samples.vector(dimension) }
    return (0..<n).map { $0 % 5 == 0 ? samples.vector(dimension) : copies[$0 % copied] }
  }

  @Test("copies by the thousand are found, every one, and others beside them", arguments: Metric.allCases)
  func thousands(metric: Metric) throws {
    var samples = Samples(seed: 301)
    let rows = Self.rows(6000, copied: 3, 100, &samples)
    let index = try makeIndex(100, metric: metric)
    for begin in stride(from: 0, to: 6000, by: 1500) {
      try index.add(
        rows[begin..<(begin + 1500)].flatMap { $0 }, keys: (begin..<(begin + 1500)).map { UInt64($0) },
        threads: 2)
    }
    try index.checkInvariants()
    #expect(index.storage.hiddenCount.load(ordering: .relaxed) == 4800 - 3)
    for i in [1, 2, 3] {
      let all = try index.search(rows[i], k: 2000, options: .init(plan: .graph)).neighbors
      let same = Set(rows.indices.filter { rows[$0] == rows[i] }.map { UInt64($0) })
      if metric != .innerProduct { #expect(Set(all.prefix(same.count).map(\.key)) == same) }
      #expect(Set(all.map(\.key)).count == 2000)
    }
    // Far from the copies, which fill no pool.
    let recall = try AdversarialTests.recall(index, samples.rows(40, 100), ef: 200)
    #expect(recall >= 0.9, "recall \(recall)")
    let filtered = try index.search(
      rows[1], k: 5, options: .init(plan: .graph, filter: { $0 % 60 == 1 }))
    #expect(filtered.neighbors.map(\.score) == Array(repeating: filtered.neighbors[0].score, count: 5))
  }

  @Test("a few vectors, each a thousand times, in any order", arguments: [true, false])
  func nothingElse(isSorted: Bool) throws {
    var samples = Samples(seed: 302)
    let different = (0..<12).map { _ in samples.vector(128) }
    let index = try makeIndex(128, metric: .squaredDistance)
    let keys = (0..<12_000).map { $0 }
    try index.add(
      keys.flatMap { different[isSorted ? $0 / 1000 : $0 % 12] }, keys: keys.map { UInt64($0) }, threads: 2)
    try index.checkInvariants()
    for i in different.indices {
      let found = try index.search(
        samples.near(different[i], spread: 0.3), k: 1000, options: .init(plan: .graph)
      ).neighbors
      #expect(found.allSatisfy { (isSorted ? Int($0.key) / 1000 : Int($0.key) % 12) == i })
      #expect(Set(found.map(\.key)).count == 1000)
    }
  }

  @Test("any changes of copies agree with a dictionary, also opened and compacted", arguments: [3, 70])
  func changes(dimension: Int) throws {
    var samples = Samples(seed: 303)
    let different = (0..<30).map { _ in samples.vector(dimension) }
    let folder = try TemporaryFolder()
    var index = try makeIndex(dimension, M: 4, efConstruction: 30)
    var expected: [UInt64: Int] = [:]
    for step in 0..<4000 {
      let key = UInt64.random(in: 0..<600, using: &samples.random)
      let which = Int.random(in: 0..<(step % 7 == 0 ? 30 : 4), using: &samples.random)
      if expected[key] == nil {
        try index.add(different[which], key: key)
        expected[key] = which
      } else if step % 3 == 0 {
        try index.update(different[which], key: key)
        expected[key] = which
      } else {
        try index.remove(key)
        expected[key] = nil
      }
      if step % 401 == 400 {
        try index.checkInvariants()
        try index.save(to: folder.file("a"))
        index = try HNSWIndex.open(folder.file("a"), mode: step % 802 == 801 ? .load : .map)
        try index.checkInvariants()
      }
      if step % 997 == 996 {
        for key in expected.keys.sorted().prefix(expected.count * 2 / 3) {
          try index.remove(key)
          expected[key] = nil
        }
        try index.compact()
        try index.checkInvariants()
      }
      guard step % 50 == 0 else { continue }
      #expect(index.count == expected.count)
      for plan: SearchOptions.Plan in [.graph, .exact] {
        let found = try index.search(
          different[which], k: 700, options: .init(ef: 700, plan: plan)
        ).neighbors
        #expect(found.map(\.key).sorted() == expected.keys.sorted(), "\(plan) at step \(step)")
      }
    }
  }

  @Test("whoever stands for copies may leave: each takes the place in turn")
  func heirs() throws {
    var samples = Samples(seed: 304)
    let index = try makeIndex(128, M: 4)
    let copy = samples.vector(128)
    try index.add(samples.rows(900, 128), keys: (0..<900).map { UInt64($0) })
    try index.add((0..<300).flatMap { _ in copy }, keys: (1000..<1300).map { UInt64($0) })
    for key in 1000..<UInt64(1299) {
      try index.remove(key)
      if key % 50 == 0 { try index.checkInvariants() }
      let found = try index.search(copy, k: 1, options: .init(plan: .graph)).neighbors
      #expect(found.first.map { $0.key > key && $0.key < 1300 } == true)
    }
    try index.remove(1299)
    try index.checkInvariants()
    #expect(index.storage.hiddenCount.load(ordering: .relaxed) == 0)
    #expect(try index.search(copy, k: 1000, options: .init(ef: 2000, plan: .graph)).neighbors.count == 900)
  }

  @Test("the entry point stays on the highest level when an update replaces one that stands for copies")
  func entryPoint() throws {
    var samples = Samples(seed: 308)
    let different = (0..<6).map { _ in samples.vector(70) }
    for seed in 0..<20 {
      let index = try makeIndex(70, M: 2, efConstruction: 10, seed: UInt64(seed))
      try index.add((0..<60).flatMap { different[$0 % 6] }, keys: (0..<60).map { UInt64($0) })
      let once = Atomic<Bool>(false)
      // What updates replace stays while a search is under way.
      let options = SearchOptions(plan: .exact) { _ in
        guard !once.exchange(true, ordering: .relaxed) else { return true }
        Parallel.run(threads: 2) { worker in
          guard worker == 1 else { return }
          for key in 0..<UInt64(12) { try? index.update(different[Int(key + 1) % 6], key: key) }
          for key in 12..<UInt64(20) { _ = try? index.remove(key) }
        }
        return true
      }
      #expect(try index.search(different[0], k: 100, options: options).neighbors.count >= 52)
      try index.checkInvariants()
      #expect(try index.search(different[0], k: 100, options: .init(plan: .graph)).neighbors.count == 52)
    }
  }

  @Test("the same calls give the same bytes; files without copies are of the versions of before")
  func files() throws {
    var samples = Samples(seed: 305)
    let rows = Self.rows(2000, copied: 4, 128, &samples)
    let folder = try TemporaryFolder()
    for (name, threads) in [("a", 1), ("b", 2)] {
      let index = try makeIndex(128, metric: .squaredDistance, M: 4, efConstruction: 16)
      try index.add(rows.flatMap { $0 }, keys: (0..<2000).map { UInt64($0) }, threads: threads)
      try index.save(to: folder.file(name))
    }
    let bytes = try readFile(folder.file("a"))
    #expect(try readFile(folder.file("b")) == bytes)
    #expect(bytes[8] == 3)
    for mode: HNSWIndex.OpenMode in [.load, .map] {
      let opened = try HNSWIndex.open(folder.file("a"), mode: mode)
      try opened.verify()
      try opened.checkInvariants()
      let found = try opened.search(rows[1], k: 300, options: .init(plan: .graph)).neighbors
      #expect(found.allSatisfy { rows[Int($0.key)] == rows[1] })
      for i in 0..<2000 where i % 5 != 0 { try opened.remove(UInt64(i)) }
      try opened.checkInvariants()
      try opened.save(to: folder.file("c"))
      #expect(try readFile(folder.file("c"))[8] == 1)
    }
  }

  @Test("searches beside a writer that changes copies find each key once", .timeLimit(.minutes(2)))
  func concurrent() throws {
    var samples = Samples(seed: 306)
    let different = (0..<4).map { _ in samples.vector(70) }
    let index = try makeIndex(70, M: 4, efConstruction: 30)
    try index.add((0..<800).flatMap { different[$0 % 4] }, keys: (0..<800).map { UInt64($0) })
    let done = Atomic<Bool>(false)
    let failures = Atomic<Int>(0)
    let missing = Atomic<Int>(0)
    let numbers = (0..<3000).map { _ in Int.random(in: 0..<4, using: &samples.random) }
    Parallel.run(threads: 2) { worker in
      if worker == 0 {
        for (i, number) in numbers.enumerated() {
          do {
            // What is never removed is there all the time.
            try index.update(different[number], key: UInt64(i % 20))
            if i % 2 == 0 { try index.add(different[number], key: UInt64(1000 + i)) }
            if i % 2 == 1 { try index.remove(UInt64(1000 + i - 1)) }
          } catch { failures.add(1, ordering: .relaxed) }
        }
        done.store(true, ordering: .releasing)
        return
      }
      while !done.load(ordering: .acquiring) {
        for plan: SearchOptions.Plan in [.exact, .graph] {
          let found = try? index.search(different[0], k: 2000, options: .init(ef: 2000, plan: plan))
          let keys = found?.neighbors.map(\.key) ?? []
          if Set(keys).count != keys.count { failures.add(1, ordering: .relaxed) }
          if keys.count(where: { $0 < 800 }) != 800 { missing.add(1, ordering: .relaxed) }
        }
      }
    }
    try index.checkInvariants()
    #expect(failures.load(ordering: .relaxed) == 0)
    #expect(missing.load(ordering: .relaxed) == 0)
  }

  @Test("rings of a file that are none, or of different vectors, are refused, whatever the checksums say")
  func hostile() throws {
    let folder = try TemporaryFolder()
    var samples = Samples(seed: 307)
    let rows = Self.rows(300, copied: 3, 70, &samples)
    let index = try makeIndex(70, M: 4, efConstruction: 16)
    try index.add(rows.flatMap { $0 }, keys: (0..<300).map { UInt64($0) })
    try index.save(to: folder.file("a"))
    let original = try readFile(folder.file("a"))
    let twins = HostileSnapshotTests.offset(of: .twins, in: original)
    var refused = 0
    for round in 0..<200 {
      var bytes = original
      let slot = Int.random(in: 0..<300, using: &samples.random)
      let place = twins + 8 * slot
      switch round % 4 {
      case 0: for i in 0..<8 { bytes[place + i] = 0 }
      case 1: bytes[place + 4 * Int.random(in: 0...1, using: &samples.random)] ^= 1 << UInt8(round / 4 % 8)
      case 2: bytes[place + 7] ^= 0x80
      default:
        let other = twins + 8 * Int.random(in: 0..<300, using: &samples.random)
        for i in 0..<8 { bytes.swapAt(place + i, other + i) }
      }
      guard bytes != original else { continue }
      HostileSnapshotTests.seal(&bytes)
      for mode: HNSWIndex.OpenMode in [.load, .map] {
        try writeFile(folder.file("b"), bytes)
        #expect(throws: IndexError.self, "round \(round)") {
          try HNSWIndex.open(folder.file("b"), mode: mode).verify()
        }
      }
      refused += 1
    }
    #expect(refused > 100)
  }
}
