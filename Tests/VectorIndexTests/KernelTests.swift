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
}
