public import FaceEngine
public import Foundation
public import Imaging
internal import Support
internal import Synchronization

/// The unit-length embeddings of the photos of a data set in which a face was found.
///
/// The face of a photo is the one nearest to its middle: data sets centre the person whom they name.
public struct FaceSet: Sendable {
  /// The embeddings, row by row.
  let vectors: [Float]
  let dimension: Int
  /// The person of each embedding; people in order.
  let people: [Int]
  /// The embedding's index for each photo; nil without a face.
  let place: [Int?]

  /// Photos looked at.
  public var photos: Int { place.count }
  /// Photos in which no face was found, or that cannot be decoded.
  public var withoutFace: Int { place.count - people.count }

  private init(vectors: [Float], dimension: Int, people: [Int], place: [Int?]) {
    (self.vectors, self.dimension, self.people, self.place) = (vectors, dimension, people, place)
  }

  /// The same faces without those of some photos, by index: as if no face had been found there.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` when none is left.
  public func leavingOut(_ photos: Set<Int>) throws(EvaluationError) -> FaceSet {
    var (vectors, people, place): ([Float], [Int], [Int?]) = ([], [], [])
    for (photo, face) in self.place.enumerated() {
      guard let face, !photos.contains(photo) else {
        place.append(nil)
        continue
      }
      place.append(people.count)
      people.append(self.people[face])
      vectors += self.vectors[face * dimension..<(face + 1) * dimension]
    }
    guard !people.isEmpty else { throw EvaluationError(.badData, "All photos with a face are left out.") }
    return FaceSet(vectors: vectors, dimension: dimension, people: people, place: place)
  }

  /// Embeddings by the descriptors of all photos, nil where no face was found.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` when no photo has a face.
  package init(_ descriptors: [[Float]?], people: [Int]) throws(EvaluationError) {
    var vectors: [Float] = []
    var found: [Int] = []
    var place: [Int?] = []
    var dimension = 0
    for (descriptor, person) in zip(descriptors, people) {
      let length = (descriptor ?? []).reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard let descriptor, length > 0, length.isFinite else {
        place.append(nil)
        continue
      }
      dimension = descriptor.count
      place.append(found.count)
      found.append(person)
      vectors += descriptor.map { $0 / length }
    }
    guard !found.isEmpty else {
      throw EvaluationError(
        .badData, "No face was found in any of the \(place.count) photos; are they of people?")
    }
    (self.vectors, self.dimension, self.people, self.place) = (vectors, dimension, found, place)
  }

  /// Embeds the photos, or takes their embeddings from a cache folder where the same engine left them.
  ///
  /// - Parameters:
  ///   - decoder: Limits on the photos that are read.
  ///   - progress: Told how many photos are done, from any thread.
  /// - Throws: ``EvaluationError``: `badData` when no photo has a face, `foreignFile` when the cache is damaged,
  ///   `inaccessible` when it cannot be written.
  public init(
    _ dataset: PersonPhotos, engine: FaceEngine, averaging: FaceAveraging = .none, cache: URL? = nil,
    threads: Int = 1, decoder: ImageDecoder = ImageDecoder(),
    progress: @Sendable (Int) -> Void = { _ in }
  ) throws(EvaluationError) {
    let file = cache.map {
      EmbeddingCache($0, dataset: dataset, engine: engine, averaging: averaging, decoder: decoder)
    }
    let people = dataset.photos.map(\.person)
    if let kept = try file?.read() {
      try self.init(kept, people: people)
      return
    }
    let results = Mutex<[[Float]?]>(Array(repeating: nil, count: dataset.photos.count))
    let next = Atomic<Int>(0)
    let finished = Atomic<Int>(0)
    WorkerThread.team(of: threads, "photos") { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < dataset.photos.count else { return }
        let vector = Self.descriptor(of: dataset.photos[index].url, engine, averaging, decoder)
        results.withLock { $0[index] = vector }
        progress(finished.wrappingAdd(1, ordering: .relaxed).newValue)
      }
    }
    let descriptors = results.withLock { $0 }
    try file?.write(descriptors)
    try self.init(descriptors, people: people)
  }

  private static func descriptor(
    of url: URL, _ engine: FaceEngine, _ averaging: FaceAveraging, _ decoder: ImageDecoder
  ) -> [Float]? {
    guard let file = try? InputFile.read(url.path(percentEncoded: false)),
      let image = try? decoder.decode(file, sizeHint: nil).image,
      let face = try? engine.centralFace(in: image), let chip = try? engine.chip(of: face, in: image)
    else { return nil }
    var chips = [chip]
    if averaging == .jitter {
      var generator = SplitMix64(averaging.seed(of: url.lastPathComponent))
      let reach = 0.02 * Double(face.box.width)
      chips = (0..<10).compactMap { copy in
        var moved = face
        let dx = Double.random(in: -reach...reach, using: &generator)
        let dy = Double.random(in: -reach...reach, using: &generator)
        moved.landmarks = face.landmarks.map { PixelPoint(x: $0.x + dx, y: $0.y + dy) }
        let chip = try? engine.chip(of: moved, in: image)
        return copy.isMultiple(of: 2) ? chip : chip?.flippedHorizontally()
      }
    }
    guard let values = try? engine.descriptors(of: chips), !values.isEmpty else { return nil }
    let dimension = values.count / chips.count
    return (0..<dimension).map { component in
      stride(from: component, to: values.count, by: dimension).reduce(0) { $0 + values[$1] }
        / Float(chips.count)
    }
  }

  func similarity(_ a: Int, _ b: Int) -> Float {
    var sum: Float = 0
    for index in 0..<dimension { sum += vectors[a * dimension + index] * vectors[b * dimension + index] }
    return sum
  }

  /// The similarities of some faces to some others, row by row.
  func similarities(_ rows: [Int], to columns: [Int]) -> [Float] {
    product(rows, gathered(columns), columns: columns.count)
  }

  /// The similarities of some faces to vectors of unit length, row by row.
  func similarities(_ rows: [Int], toVectors columns: [[Float]]) -> [Float] {
    product(rows, columns.flatMap { $0 }, columns: columns.count)
  }

  /// The mean of some faces at unit length.
  func mean(_ faces: [Int]) -> [Float] {
    var sum = [Float](repeating: 0, count: dimension)
    for face in faces {
      for component in 0..<dimension { sum[component] += vectors[face * dimension + component] }
    }
    let length = max(sum.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-3)
    return sum.map { $0 / length }
  }

  private func gathered(_ faces: [Int]) -> [Float] {
    faces.flatMap { vectors[$0 * dimension..<($0 + 1) * dimension] }
  }

  private func product(_ rows: [Int], _ others: [Float], columns: Int) -> [Float] {
    var result = [Float](repeating: 0, count: rows.count * columns)
    guard !result.isEmpty else { return [] }
    Gemm.multiply(
      gathered(rows), others, into: &result, rows: rows.count, inner: dimension, columns: columns,
      transposingB: true)
    return result
  }

  /// The faces of each person, people in order.
  var facesByPerson: [[Int]] {
    var groups: [[Int]] = []
    for index in people.indices {
      if index > 0 && people[index] == people[index - 1] {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }

  /// All pairs of the first ten faces of a person.
  func genuine() -> SimilarityHistogram {
    var histogram = SimilarityHistogram()
    for group in facesByPerson.map({ $0.prefix(10) }) {
      for a in group.indices {
        for b in group.indices where b > a { histogram.add(similarity(group[a], group[b])) }
      }
    }
    return histogram
  }

  /// All pairs of people, by the first face of each: no person counts more than another.
  func impostors() -> SimilarityHistogram {
    var histogram = SimilarityHistogram()
    let firsts = facesByPerson.compactMap(\.first)
    for start in stride(from: 0, to: firsts.count, by: 256) {
      let rows = Array(firsts[start..<min(start + 256, firsts.count)])
      let block = similarities(rows, to: firsts)
      for row in rows.indices {
        for column in start + row + 1..<max(firsts.count, start + row + 1) {
          histogram.add(block[row * firsts.count + column])
        }
      }
    }
    return histogram
  }
}
