import Foundation
import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Arguments without measure, callbacks and files")
struct LimitTests {
  private static func index(_ n: Int = 4000, metric: Metric = .cosine) throws -> HNSWIndex {
    let index = try makeIndex(4, metric: metric, efConstruction: 30)
    try index.add((0..<n).flatMap { CapacityTests.row($0) }, keys: (0..<n).map { UInt64($0) })
    return index
  }

  @Test("ef, k and threads of any size cost no more than the index is worth", arguments: [1 << 40, Int.max])
  func huge(n: Int) throws {
    let index = try Self.index()
    let all = try index.search([1, 2, 3, 4], k: n, options: .init(plan: .exact)).neighbors
    #expect(all.count == 4000)
    for plan: SearchOptions.Plan in [.graph, .automatic] {
      #expect(try index.search([1, 2, 3, 4], k: n, options: .init(ef: n, plan: plan)).neighbors == all)
      #expect(try index.search([1, 2, 3, 4], k: n, options: .init(plan: plan)).neighbors == all)
      let third = SearchOptions(ef: n, plan: plan, filter: { $0 % 3 == 0 })
      #expect(try index.search([1, 2, 3, 4], k: 10, options: third).neighbors.count == 10)
    }
    #expect(try index.measureRecall(sample: 3, k: n, ef: n).recall == 1)
    try index.tune(recall: 1, k: n)
    #expect(try index.search([1, 2, 3, 4], k: n).neighbors == all)
    for plan: SearchOptions.Plan in [.exact, .graph] {
      let options = SearchOptions(plan: plan)
      #expect(try index.search(batch: [1, 2, 3, 4], k: 1, options: options, threads: n).count == 1)
    }
    try index.add([9, 1, 1, 1], keys: [70_000], threads: n)
    #expect(index.writer.withLock { $0.workers.count } == 1)
    try index.reserve(-n)
  }

  @Test("values outside their range are refused, by every path")
  func outside() throws {
    let index = try Self.index(10)
    for plan: SearchOptions.Plan in [.exact, .graph, .automatic] {
      for options in [
        SearchOptions(ef: 0, plan: plan), SearchOptions(ef: .min, plan: plan),
        SearchOptions(plan: plan, minimumScore: .nan), SearchOptions(recall: .nan, plan: plan),
      ] {
        #expect(throws: IndexError.self) { try index.search([1, 2, 3, 4], k: 1, options: options) }
        #expect(throws: IndexError.self) { try index.search(batch: [1, 2, 3, 4], k: 1, options: options) }
      }
      #expect(throws: IndexError.self) {
        try index.search(batch: [1, 2, 3, 4], k: -1, options: .init(plan: plan))
      }
      #expect(throws: IndexError.self) {
        try index.search(batch: [1, 2, 3, 4], k: 1, options: .init(plan: plan), threads: 0)
      }
    }
    #expect(throws: IndexError.self) { try index.range([1, 2, 3, 4], score: .nan) }
    #expect(throws: IndexError.self) { try index.add([1, 2, 3, 4], keys: [99], threads: 0) }
    #expect(throws: IndexError.self) { try index.add([1, 2, 3, 4, 5, 6, 7, 8, 9], keys: [98, 99]) }
    #expect(throws: IndexError.self) { try index.measureRecall(sample: 1, k: 1, ef: 0) }
    #expect(throws: IndexError.self) { try index.tune(recall: .nan, k: 1) }
    #expect(throws: IndexError.self) { try index.merge(index) }
    #expect(index.count == 10)
  }

  @Test("any finite vector has a direction; lengths that float32 cannot compare are refused as such")
  func lengths() throws {
    let index = try makeIndex(3)
    for (key, size) in [Float(1e-45), 1e-38, 1e19, 2e19, 1e30, .greatestFiniteMagnitude].enumerated() {
      try index.add([size, size, 0], key: UInt64(key))
      let found = try index.search([size, 0, 0], k: 1).neighbors
      #expect(abs(Double(found[0].score) - 0.5.squareRoot()) < 1e-6)
    }
    for metric in [Metric.innerProduct, .squaredDistance] {
      let other = try makeIndex(3, metric: metric)
      #expect(throws: IndexError.self) { try other.add([2e19, 0, 0], key: 1) }
      try other.add([9e18, 0, 0], key: 1)
      try other.add([-9e18, 0, 0], key: 2)
      let scores = try other.search([9e18, 0, 0], k: 2).neighbors.map(\.score)
      #expect(scores.filter(\.isFinite).count == 2)
    }
  }

  @Test("a change or save in a callback is refused, and the call around it goes on", .timeLimit(.minutes(1)))
  func callbacks() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a")
    let index = try Self.index()
    try index.remove(3)
    let refused = Atomic<Int>(0)
    let attempts: @Sendable () -> Void = {
      func attempt(_ body: () throws(IndexError) -> Void) {
        do { try body() } catch { if error == .calledFromCallback { refused.add(1, ordering: .relaxed) } }
      }
      attempt { () throws(IndexError) in try index.save(to: path) }
      attempt { () throws(IndexError) in try index.remove(1) }
      attempt { () throws(IndexError) in try index.compact() }
      attempt { () throws(IndexError) in try index.add([1, 2, 3, 4], key: 88_888) }
      attempt { () throws(IndexError) in try index.update([1, 2, 3, 4], key: 1) }
    }
    let rows = (0..<100).flatMap { CapacityTests.row($0) }
    try index.add(rows, keys: (50_000..<50_100).map { UInt64($0) }) { _ in
      attempts()
      // Reading is welcome.
      let found = try? index.search([1, 2, 3, 4], k: 1).neighbors.count
      let isThere = try? index.contains(50_000)
      #expect(found == 1 && isThere == true)
    }
    #expect(refused.load(ordering: .relaxed) == 5)
    for plan: SearchOptions.Plan in [.graph, .exact] {
      refused.store(0, ordering: .relaxed)
      let once = Atomic<Bool>(false)
      let options = SearchOptions(plan: plan) { _ in
        if !once.exchange(true, ordering: .relaxed) { attempts() }
        return true
      }
      #expect(try index.search([1, 2, 3, 4], k: 5, options: options).neighbors.count == 5)
      #expect(refused.load(ordering: .relaxed) == 5)
    }
    #expect(index.count == 4099)
    try index.save(to: path)
  }

  @Test("saving waits for no search: a filter may need what the saving thread holds")
  func saveBesideHeldSearch() throws {
    let folder = try TemporaryFolder()
    let index = try Self.index()
    // Arrays that have to move would wait for the search.
    try index.reserve(5000)
    let path = folder.file("a")
    let inFilter = Atomic<Bool>(false)
    let saved = Atomic<Bool>(false)
    Parallel.run(threads: 2) { worker in
      if worker == 0 {
        let options = SearchOptions(plan: .exact) { _ in
          inFilter.store(true, ordering: .releasing)
          return eventually { saved.load(ordering: .acquiring) }
        }
        let found = try? index.search([1, 2, 3, 4], k: 5, options: options).neighbors.count
        #expect(found == 5)
      } else {
        #expect(eventually { inFilter.load(ordering: .acquiring) })
        for key in 0..<UInt64(100) { _ = try? index.remove(key) }
        for key in 100..<UInt64(200) { try? index.update([1, 1, 1, Float(key)], key: key) }
        let isSaved = (try? index.save(to: path)) != nil
        #expect(isSaved)
        saved.store(true, ordering: .releasing)
      }
    }
    // What the search could still see is not in the file.
    let opened = try HNSWIndex.open(folder.file("a"), mode: .load)
    #expect(opened.count == 3900)
    #expect(try opened.vector(for: 150) == index.vector(for: 150))
    try opened.checkInvariants()
    try index.checkInvariants()
    try index.save(to: folder.file("b"))
    #expect(try readFile(folder.file("a")) == readFile(folder.file("b")))
  }

  @Test("an exact search beside updates sees every key once, and so do listings", .timeLimit(.minutes(2)))
  func updates() throws {
    let index = try makeIndex(16, metric: .squaredDistance, M: 6, efConstruction: 20)
    let n = 1500
    try index.add((0..<n).flatMap { CapacityTests.row($0, 16) }, keys: (0..<n).map { UInt64($0) })
    let done = Atomic<Bool>(false)
    let wrong = Atomic<Int>(0)
    Parallel.run(threads: 2) { worker in
      if worker == 0 {
        var i = 0
        while !done.load(ordering: .acquiring) {
          i += 1
          try? index.update(CapacityTests.row(i + n, 16), key: UInt64(i % 10))
        }
        return
      }
      let query = CapacityTests.row(7, 16)
      for round in 0..<400 {
        let alone = try? index.search(query, k: 2 * n, options: .init(plan: .exact)).neighbors.map(\.key)
        let batch = try? index.search(batch: query + query, k: 2 * n, options: .init(plan: .exact))
        let listed = round % 10 == 0 ? try? index.allKeys() : alone
        for keys in [alone, batch?[1].neighbors.map(\.key), listed] {
          if keys?.count != n || Set(keys ?? []).count != n { wrong.add(1, ordering: .relaxed) }
        }
      }
      done.store(true, ordering: .releasing)
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    try index.checkInvariants()
    #expect(index.count == n)
  }

  @Test("a search that began before an update sees the old vector, one that began after it the new")
  func versions() throws {
    let index = try Self.index(1000, metric: .squaredDistance)
    let (old, new): ([Float], [Float]) = ([50, 0, 0, 0], [0, 50, 0, 0])
    try index.update(old, key: 5)
    let isFirst = Atomic<Bool>(true)
    let after = Atomic<UInt64>(.max)
    let options = SearchOptions(plan: .exact) { _ in
      guard isFirst.exchange(false, ordering: .relaxed) else { return true }
      // On another thread: here it would be refused.
      Parallel.run(threads: 2) { worker in
        guard worker == 1 else { return }
        try? index.update(new, key: 5)
        try? index.update([0, 0, 60, 0], key: 6)
        try? index.update([0, 0, 70, 0], key: 6)
        let found = try? index.search(new, k: 1, options: .init(plan: .exact)).neighbors.first
        after.store(found?.score == 0 ? found?.key ?? .max : .max, ordering: .relaxed)
      }
      return true
    }
    let before = try index.search(old, k: 2000, options: options).neighbors
    #expect(before.first == Neighbor(key: 5, score: 0))
    #expect(before.count == 1000 && Set(before.map(\.key)).count == 1000)
    #expect(after.load(ordering: .relaxed) == 5)
    try index.checkInvariants()
    #expect(index.storage.versions.isEmpty)
  }

  @Test("saves to one path at a time leave a whole file, and nothing else", .timeLimit(.minutes(2)))
  func concurrentSaves() throws {
    let folder = try TemporaryFolder()
    let counts = [700, 900]
    let indices = try counts.map { try Self.index($0) }
    let path = folder.file("a")
    let unusable = Atomic<Int>(0)
    try indices[0].save(to: folder.file("a"))
    Parallel.run(threads: 3) { worker in
      for _ in 0..<60 {
        if worker < 2 {
          if (try? indices[worker].save(to: path)) == nil { unusable.add(1, ordering: .relaxed) }
        } else {
          let count = (try? HNSWIndex.open(path, mode: .load))?.count ?? 0
          if !counts.contains(count) { unusable.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(unusable.load(ordering: .relaxed) == 0)
    #expect(rmdir(folder.path) != 0 && errno == ENOTEMPTY)
    unlink(folder.file("a"))
    #expect(rmdir(folder.path) == 0, "something is left beside the file")
  }

  @Test("a file that is replaced keeps its permissions, a link its place, userInfo its bytes")
  func replacing() throws {
    let folder = try TemporaryFolder()
    let index = try Self.index(10)
    func mode(_ name: String) -> mode_t {
      var status = stat()
      return lstat(folder.file(name), &status) == 0 ? status.st_mode : 0
    }
    try index.save(to: folder.file("a"), userInfo: [1, 2, 3])
    chmod(folder.file("a"), 0o600)
    try index.save(to: folder.file("a"))
    #expect(mode("a") & 0o777 == 0o600)
    #expect(symlink(folder.file("a"), folder.file("b")) == 0)
    try index.save(to: folder.file("b"))
    #expect(mode("b") & S_IFMT == S_IFLNK)
    let opened = try HNSWIndex.open(folder.file("a"))
    #expect(opened.userInfo == [1, 2, 3])
    try opened.save(to: folder.file("a"))
    #expect(try HNSWIndex.userInfo(of: folder.file("a")) == [1, 2, 3])
    try opened.save(to: folder.file("a"), userInfo: [])
    #expect(opened.userInfo.isEmpty)
  }

  @Test("what is no file is refused at once", .timeLimit(.minutes(1)))
  func noFile() throws {
    let folder = try TemporaryFolder()
    let index = try Self.index(10)
    #expect(mkfifo(folder.file("a"), 0o600) == 0)
    for path in [folder.file("a"), folder.path, "/dev/null"] {
      #expect(throws: IndexError.notASnapshot(path: path, reason: "it is not a regular file")) {
        try HNSWIndex.open(path)
      }
      #expect(throws: IndexError.notASnapshot(path: path, reason: "it is not a regular file")) {
        try index.save(to: path)
      }
    }
    #expect(throws: IndexError.self) { try index.save(to: "") }
  }

  @Test("after damage is found, every call says so")
  func damagedCalls() throws {
    let folder = try TemporaryFolder()
    try SnapshotTests.sample().save(to: folder.file("a"))
    var bytes = try readFile(folder.file("a"))
    bytes[bytes.count - 4096 - 64] ^= 1
    try writeFile(folder.file("a"), bytes)
    let index = try HNSWIndex.open(folder.file("a"), mode: .map)
    #expect(throws: IndexError.self) { try index.verify() }
    let query = [Float](repeating: 1, count: 128)
    let calls: [() throws -> Void] = [
      { _ = try index.search(query, k: 1) }, { _ = try index.search(batch: query, k: 1) },
      { _ = try index.range(query, score: 0) }, { _ = try index.contains(1) },
      { _ = try index.vector(for: 1) }, { _ = try index.allKeys() }, { try index.remove(1) },
      { try index.add(query, key: 9999) }, { try index.update(query, key: 1) }, { try index.compact() },
      { try index.save(to: folder.file("b")) }, { _ = try index.measureRecall(sample: 1, k: 1) },
      { try index.tune(recall: 0.9, k: 1) }, { try index.checkInvariants() }, { try index.reserve(10_000) },
      { try makeIndex(128).merge(index) },
    ]
    for (i, call) in calls.enumerated() {
      #expect(throws: IndexError.damaged(path: folder.file("a"), part: "vectors"), "call \(i)") { try call() }
    }
  }

  @Test("snapshots of released versions open and can be changed", arguments: ["version-1", "version-2"])
  func released(name: String) throws {
    let file = try #require(Bundle.module.path(forResource: name, ofType: "index", inDirectory: "Fixtures"))
    func row(_ key: Int, _ dimension: Int) -> [Float] {
      var x = UInt64(key) &* 0x9E37_79B9_7F4A_7C15 | 1
      return (0..<dimension).map { j in
        x ^= x << 13
        x ^= x >> 7
        x ^= x << 17
        return Float(Int(x % 2001) - 1000) / 1000 + (j % 3 == 0 ? 2 : 0)
      }
    }
    for mode: HNSWIndex.OpenMode in [.map, .load] {
      let index = try HNSWIndex.open(file, mode: mode)
      let dimension = index.configuration.dimension
      #expect(index.userInfo == (name == "version-1" ? [1, 2, 3] : []))
      #expect(index.count == 50)
      try index.checkInvariants()
      for key in try index.allKeys() {
        let query = row(Int(key), dimension)
        let found = try index.search(query, k: 50, options: .init(plan: .exact)).neighbors
        #expect(try index.search(query, k: 50, options: .init(ef: 50, plan: .graph)).neighbors == found)
        let score = try #require(found.first { $0.key == key }).score
        #expect(abs(Double(score) - referenceScore(index.configuration.metric, query, query)) < 1e-3)
      }
      try index.add((2000..<4000).flatMap { row($0, dimension) }, keys: (2000..<4000).map { UInt64($0) })
      for key in 2000..<UInt64(2500) { try index.remove(key) }
      try index.checkInvariants()
    }
  }
}
