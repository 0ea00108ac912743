import CVectorKernels
import Foundation
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Distance kernels")
struct KernelTests {
  @Test("every set agrees with portable C", arguments: Kernels.all.map(\.name))
  func agrees(name: String) throws {
    let kernels = try #require(Kernels.all.first { $0.name == name })
    let reference = try #require(Kernels.all.first { $0.name == "portable" })
    var samples = Samples(seed: 51)
    for dimension in [16, 32, 48, 64, 112, 128, 144, 512] {
      let rows = samples.rows(40, dimension)
      let query = samples.vector(dimension)
      let ids: [UInt32] = (0..<37).map { _ in UInt32.random(in: 0..<40, using: &samples.random) }
      for pick in [\Kernels.dotRows, \Kernels.squaredDistanceRows] {
        var a = [Float](repeating: 0, count: 37)
        var b = a
        kernels[keyPath: pick](query, rows, dimension, dimension, ids, 37, &a)
        reference[keyPath: pick](query, rows, dimension, dimension, ids, 37, &b)
        for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-4 * max(1, abs(y))) }
      }
      #expect(abs(kernels.dot(query, rows, dimension) - reference.dot(query, rows, dimension)) < 1e-2)
    }
    for blocks in [1, 2, 3, 12] {
      let codes: [UInt8] = (0..<(40 * blocks * 64)).map { _ in
        UInt8.random(in: 0...255, using: &samples.random)
      }
      let query: [Int8] = (0..<(blocks * 128)).map { _ in Int8.random(in: -127...127, using: &samples.random)
      }
      for count in [0, 1, 3, 4, 5, 8, 37] {
        let ids: [UInt32] = (0..<count).map { _ in UInt32.random(in: 0..<40, using: &samples.random) }
        var a = [Int32](repeating: 0, count: 40)
        var b = a
        kernels.codeRows(query, codes, blocks, ids, count, &a)
        reference.codeRows(query, codes, blocks, ids, count, &b)
        #expect(a == b)
        kernels.codeScan(query, codes, blocks, count, &a)
        reference.codeScan(query, codes, blocks, count, &b)
        #expect(a == b)
      }
      let extreme = [Int8](repeating: 127, count: blocks * 128)
      let full = [UInt8](repeating: 255, count: blocks * 64)
      var sum: Int32 = 0
      kernels.codeScan(extreme, full, blocks, 1, &sum)
      #expect(sum == Int32(127 * 15 * 128 * blocks))
    }
  }

  @Test("every set rotates to the same bits and quantises alike", arguments: Kernels.all.map(\.name))
  func queries(name: String) throws {
    let kernels = try #require(Kernels.all.first { $0.name == name })
    let reference = try #require(Kernels.all.first { $0.name == "portable" })
    var samples = Samples(seed: 53)
    for dimension in [1, 2, 8, 15, 16, 70, 100, 128, 130, 512, 1536] {
      let stride = (dimension + 15) / 16 * 16
      let vector = samples.vector(dimension) + [Float](repeating: 0, count: stride - dimension)
      let plain = vector.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(kernels.squaredNorm(vector, dimension) - plain) <= 1e-12 * plain)

      let rotation = Rotation(dimension: dimension, seed: 4)
      var a = vector
      var b = vector
      a.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { rotation.apply(p, kernels) } }
      b.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { rotation.apply(p, reference) } }
      #expect(a == b)

      var code = [Int8](repeating: 1, count: stride)
      var scale: Float = 0
      var sum: Int32 = 0
      let error = kernels.quantize(vector, stride, &code, &scale, &sum)
      let largest = vector.map(abs).max() ?? 0
      #expect(scale == largest / 127)
      #expect(sum == code.reduce(0) { $0 + Int32($1) })
      let left = zip(vector, code).map { Double($0) - Double($1) * Double(scale) }
      #expect(left.allSatisfy { abs($0) <= 0.501 * Double(scale) })
      let expected = left.reduce(0) { $0 + $1 * $1 }
      #expect(abs(Double(error) - expected) <= 1e-3 * expected + 1e-9)
    }
    var code = [Int8](repeating: 1, count: 16)
    var (scale, sum) = (Float(1), Int32(1))
    #expect(kernels.quantize([Float](repeating: 0, count: 16), 16, &code, &scale, &sum) == 0)
    #expect(code.allSatisfy { $0 == 0 } && scale == 0 && sum == 0)
  }

  @Test("every set finds whether a row is closer than a bound", arguments: Kernels.all.map(\.name))
  func closer(name: String) throws {
    let kernels = try #require(Kernels.all.first { $0.name == name })
    var samples = Samples(seed: 54)
    for dimension in [16, 48, 128, 512] {
      let rows = samples.rows(40, dimension)
      let query = samples.vector(dimension)
      for count in [0, 1, 3, 4, 5, 9, 37] {
        let ids: [UInt32] = (0..<count).map { _ in UInt32.random(in: 0..<40, using: &samples.random) }
        var dots = [Float](repeating: 0, count: count)
        var distances = dots
        kernels.dotRows(query, rows, dimension, dimension, ids, count, &dots)
        kernels.squaredDistanceRows(query, rows, dimension, dimension, ids, count, &distances)
        // Each distance itself is a bound, too: a row is not closer than itself, wherever in the list it stands.
        for bound in dots + [-.infinity, .infinity] {
          #expect(
            (kernels.anyDotAbove(query, rows, dimension, dimension, ids, count, bound) != 0)
              == dots.contains { $0 > bound })
        }
        for bound in distances + [-.infinity, .infinity] {
          #expect(
            (kernels.anySquaredDistanceBelow(query, rows, dimension, dimension, ids, count, bound) != 0)
              == distances.contains { $0 < bound })
        }
      }
    }
  }

  @Test("every set's pool keeps the best candidates, sorted", arguments: Kernels.all.map(\.name))
  func pools(name: String) throws {
    let kernels = try #require(Kernels.all.first { $0.name == name })
    var samples = Samples(seed: 55)
    for capacity in [1, 2, 7, 8, 9, 31, 64, 200] {
      var pool = CandidatePool()
      defer { pool.deallocate() }
      pool.reset(capacity: capacity)
      var expected: [UInt64] = []
      var expanded: Set<UInt32> = []
      var slot: UInt32 = 0
      for _ in 0..<60 {
        let count = Int.random(in: 0...33, using: &samples.random)
        // Few keys, so that equal ones meet; large ones, as floats give.
        let keys = (0..<count).map { _ in UInt32.random(in: 0..<99, using: &samples.random) &- 50 }
        let slots = (0..<count).map { slot + UInt32($0) }.shuffled(using: &samples.random)
        slot += UInt32(count)
        pool.offer(kernels.offer, keys: keys, slots: slots, count)
        expected += zip(keys, slots).map { UInt64($0) << 32 | UInt64($1) << 1 }
        expected = Array(expected.sorted().prefix(capacity))
        let order = expected.map { UInt32(truncatingIfNeeded: $0) / 2 }
        #expect((0..<pool.count).map { pool.slot(at: $0) } == order)
        #expect((0..<pool.count).map { pool.key(at: $0) } == expected.map { UInt32($0 >> 32) })
        // The best that has not been expanded comes next, even if it came in before expanded ones.
        let best = order.first { !expanded.contains($0) }
        let next = pool.next()
        #expect(next == best)
        if let next { expanded.insert(next) }
      }
    }
  }

  @Test("every set gathers what it has not seen", arguments: Kernels.all.map(\.name))
  func gathers(name: String) throws {
    let kernels = try #require(Kernels.all.first { $0.name == name })
    var samples = Samples(seed: 56)
    let limit: UInt32 = 300
    var visited = [UInt64](repeating: 0, count: 5)
    let codes = [UInt8](repeating: 0, count: Int(limit) * 64)
    var seen: Set<UInt32> = [7]
    visited[0] = 1 << 7
    visited.withUnsafeMutableBufferPointer { bits in
      codes.withUnsafeBufferPointer { codes in
        var frontier = cvk_frontier()
        frontier.visited = bits.baseAddress
        frontier.read = codes.baseAddress
        frontier.stride = 64
        frontier.limit = limit
        for _ in 0..<30 {
          // Gaps, links beyond the limit, flags, and slots twice.
          let links = (0..<32).map { i -> UInt32 in
            if i % 7 == 3 { return Link.empty }
            return UInt32.random(in: 0..<400, using: &samples.random) | (i % 5 == 0 ? Link.child : 0)
          }
          var found = [UInt32](repeating: 0, count: 33)
          let count = kernels.gather(&frontier, 7, links, 32, &found)
          let expected = links.map(Link.slot).filter { $0 < limit && seen.insert($0).inserted }
          #expect(Array(found.prefix(count)) == expected)
        }
      }
    }
  }

  @Test("the active set is one of the available")
  func active() {
    #expect(VectorKernels.available.contains(VectorKernels.active))
    #expect(VectorKernels.available.last == "portable")
  }

  @Test("rotation keeps inner products", arguments: [1, 2, 3, 64, 100, 128, 384, 1000])
  func rotation(dimension: Int) {
    var samples = Samples(seed: 52)
    let rotation = Rotation(dimension: dimension, seed: 3)
    var a = samples.vector(dimension)
    var b = samples.vector(dimension)
    let before = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    a.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { rotation.apply(p) } }
    b.withUnsafeMutableBufferPointer { if let p = $0.baseAddress { rotation.apply(p) } }
    let after = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(before - after) < 1e-2 * max(1, abs(before)))
  }

  @Test("the NEON kernels compile, and agree with portable C where a processor for them is there or emulated")
  func neon() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [root.appending(path: "Scripts/test-neon.sh").path(percentEncoded: false)]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    let isCompiledOnly = process.terminationStatus == 2 && said.contains("qemu-aarch64 is not there")
    #expect(process.terminationStatus == 0 || isCompiledOnly, "\(said)")
  }
}
