internal import GalleryStore
internal import Synchronization

/// A set of faces: a bit for each number given out.
struct FaceFilter: Sendable {
  private var words: [UInt64]
  private(set) var count = 0

  init(lastFace: UInt64) { words = Array(repeating: 0, count: Int(lastFace >> 6) + 1) }

  func contains(_ face: UInt64) -> Bool {
    let word = Int(truncatingIfNeeded: face >> 6)
    return word < words.count && words[word] & (1 << (face & 63)) != 0
  }

  /// - Precondition: The number was given out.
  mutating func insert(_ face: UInt64) {
    if contains(face) { return }
    words[Int(face >> 6)] |= 1 << (face & 63)
    count += 1
  }

  /// The numbers of the faces, rising.
  var faces: [UInt64] {
    words.enumerated().flatMap { place, word in
      (0..<64).filter { word & (1 << $0) != 0 }.map { UInt64(place) << 6 | UInt64($0) }
    }
  }

  func intersection(_ other: FaceFilter) -> FaceFilter {
    var result = self
    result.count = 0
    for index in words.indices {
      result.words[index] &= index < other.words.count ? other.words[index] : 0
      result.count += result.words[index].nonzeroBitCount
    }
    return result
  }
}

extension StoreSnapshot where Self: ~Copyable {
  /// The people who are tagged themselves as a condition has it.
  func people(meeting condition: TagCondition) throws -> [PersonID] {
    let entry = try TagEntry(condition.key, condition.value ?? "")
    return try people(tagged: entry.key, condition.value.map { _ in entry.value })
  }

  /// The faces that meet all conditions, each by a tag of their own or of their person's.
  ///
  /// - Complexity: O(*f* log *n*) for *f* faces that meet one of them.
  func faces(matching conditions: [TagCondition]) throws -> FaceFilter {
    let last = try counters().lastFace
    var result: FaceFilter?
    for condition in conditions {
      let entry = try TagEntry(condition.key, condition.value ?? "")
      let value = condition.value.map { _ in entry.value }
      var filter = FaceFilter(lastFace: last)
      for face in try faces(tagged: entry.key, value) { filter.insert(face.rawValue) }
      for person in try people(meeting: condition) {
        for face in try faces(of: person) { filter.insert(face.rawValue) }
      }
      result = result?.intersection(filter) ?? filter
    }
    return result ?? FaceFilter(lastFace: 0)
  }
}

/// The faces that met the conditions asked for last: kept until something changes, for many queries with the same.
final class FilterCache: Sendable {
  private let last = Mutex<(conditions: [TagCondition], counters: Counters, faces: FaceFilter)?>(nil)

  /// The faces that meet conditions; nil, for all, when there are none.
  func faces(
    matching conditions: [TagCondition], _ counters: Counters, _ snapshot: borrowing Snapshot,
    of store: any Store
  ) throws -> FaceFilter? {
    if conditions.isEmpty { return nil }
    if let last = last.withLock({ $0 }), last.counters == counters, last.conditions == conditions {
      return last.faces
    }
    let faces = try store.readingAhead { try snapshot.faces(matching: conditions) }
    last.withLock { $0 = (conditions, counters, faces) }
    return faces
  }
}
