/// Unit-length embeddings of the photos that have a face, with their people.
struct Faces {
  private(set) var vectors: [[Float]] = []
  private(set) var people: [Int] = []
  /// The place in `vectors` of a photo of the data set, or nil when no face was found in it.
  private(set) var place: [Int?] = []

  init(_ dataset: LFWDataset, _ descriptors: [[Float]?]) {
    for (photo, descriptor) in zip(dataset.photos, descriptors) {
      guard let descriptor else {
        place.append(nil)
        continue
      }
      place.append(vectors.count)
      let length = descriptor.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors.append(descriptor.map { $0 / length })
      people.append(photo.person)
    }
  }

  func similarity(_ a: Int, _ b: Int) -> Float {
    vectors[a].withUnsafeBufferPointer { a in
      vectors[b].withUnsafeBufferPointer { b in
        var sum = SIMD8<Float>.zero
        for start in stride(from: 0, to: a.count, by: 8) {
          for lane in 0..<8 { sum[lane] += a[start + lane] * b[start + lane] }
        }
        return sum.sum()
      }
    }
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
    for a in firsts.indices {
      for b in firsts.indices where b > a { histogram.add(similarity(firsts[a], firsts[b])) }
    }
    return histogram
  }
}
