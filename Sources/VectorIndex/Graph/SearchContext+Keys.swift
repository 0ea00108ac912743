internal import CVectorKernels

extension SearchContext {
  /// Order-preserving map from distances to integers.
  @inline(__always)
  static func ordered(_ x: Float) -> UInt32 {
    let bits = x.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }

  /// The distance that an integer stands for.
  @inline(__always)
  static func distance(_ ordered: UInt32) -> Float {
    Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered & 0x7FFF_FFFF : ~ordered)
  }

  /// Computes, into `keys`, what the traversal orders the slots `ids` by: smaller is closer.
  @inline(__always)
  func computeKeys(_ ids: UnsafePointer<UInt32>, _ count: Int) {
    assert(count <= room)
    if comparesCodes {
      // All steps are equal, so the integer product orders as the similarity does.
      codeRows(query.code, codes, blocks, ids, count, dots)
      for i in 0..<count { keys[i] = UInt32(bitPattern: 0x4000_0000 &- dots[i]) }
    } else {
      computeOtherKeys(ids, count)
    }
  }

  @inline(never)
  private func computeOtherKeys(_ ids: UnsafePointer<UInt32>, _ count: Int) {
    let space = storage.space
    guard !readsRows else {
      for i in 0..<count { cvk_prefetch_row(storage.row(ids[i]), space.stride) }
      space.distances(query.row, rows: storage.vectors, ids: ids, count: count, into: distances)
      for i in 0..<count { keys[i] = Self.ordered(distances[i]) }
      return
    }
    space.kernels.codeRows(query.code, storage.codes, space.blocks, ids, count, dots)
    let isDistance = space.metric == .squaredDistance
    let factor = (isDistance ? -2 : -1) * query.scale
    for i in 0..<count {
      let terms = storage.terms[Int(ids[i])]
      let product = factor * terms.step * (Float(dots[i]) - query.offset)
      keys[i] = Self.ordered(isDistance ? product + terms.squaredNorm : product)
    }
  }
}
