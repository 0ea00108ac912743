/// Keeps the best of the exact distances that a search offers it.
protocol Collector {
  /// Distances at or above this cannot enter the answer any more.
  var bound: Float { get }
  mutating func offer(key: UInt64, distance: Float)
  /// What was kept, best first.
  consuming func sorted() -> [Hit]
}

/// A key and its exact distance, smaller is closer.
struct Hit: Comparable {
  var distance: Float
  var key: UInt64

  static func < (a: Hit, b: Hit) -> Bool {
    a.distance != b.distance ? a.distance < b.distance : a.key < b.key
  }
}

/// The `k` best keys: a binary heap with the worst on top.
struct TopKeys: Collector {
  private var heap: [Hit] = []
  private let k: Int
  private let worst: Float

  /// Distances above `worst` are not kept.
  init(_ k: Int, worst: Float) {
    self.k = k
    self.worst = worst
    heap.reserveCapacity(min(k, 4096))
  }

  var bound: Float { heap.count == k && k > 0 ? min(heap[0].distance, worst) : worst }

  mutating func offer(key: UInt64, distance: Float) {
    guard distance <= worst, k > 0 else { return }
    let hit = Hit(distance: distance, key: key)
    if heap.count < k {
      heap.append(hit)
      var i = heap.count - 1
      while i > 0, heap[(i - 1) / 2] < heap[i] {
        heap.swapAt(i, (i - 1) / 2)
        i = (i - 1) / 2
      }
    } else if hit < heap[0] {
      heap[0] = hit
      var i = 0
      while true {
        var largest = i
        if 2 * i + 1 < heap.count, heap[largest] < heap[2 * i + 1] { largest = 2 * i + 1 }
        if 2 * i + 2 < heap.count, heap[largest] < heap[2 * i + 2] { largest = 2 * i + 2 }
        if largest == i { break }
        heap.swapAt(i, largest)
        i = largest
      }
    }
  }

  consuming func sorted() -> [Hit] { heap.sorted() }
}

/// The best key of each of the `k` best groups, sorted.
struct TopGroups: Collector {
  private var best: [(hit: Hit, group: UInt64)] = []
  private let k: Int
  private let worst: Float
  private let group: (UInt64) -> UInt64

  init(_ k: Int, worst: Float, by group: @escaping (UInt64) -> UInt64) {
    self.k = k
    self.worst = worst
    self.group = group
  }

  var bound: Float {
    guard k > 0, best.count == k, let last = best.last else { return worst }
    return min(last.hit.distance, worst)
  }

  mutating func offer(key: UInt64, distance: Float) {
    let hit = Hit(distance: distance, key: key)
    guard distance <= worst, k > 0 else { return }
    if best.count == k, let last = best.last, !(hit < last.hit) { return }
    let group = group(key)
    if let i = best.firstIndex(where: { $0.group == group }) {
      guard hit < best[i].hit else { return }
      best.remove(at: i)
    } else if best.count == k {
      best.removeLast()
    }
    var low = 0
    var high = best.count
    while low < high {
      let middle = (low + high) / 2
      if best[middle].hit < hit { low = middle + 1 } else { high = middle }
    }
    best.insert((hit, group), at: low)
  }

  consuming func sorted() -> [Hit] { best.map(\.hit) }
}
