import Support
import Testing

@testable import HeadTraining

@Suite("A linear discriminant")
struct DiscriminantTests {
  /// Rows whose first values tell people apart, and whose others, far larger, do not.
  private func rows(people: Int, photos: Int = 6) -> (values: [Float], people: [Int]) {
    var generator = SplitMix64(11)
    var values: [Float] = []
    var owners: [Int] = []
    for person in 0..<people {
      let identity = (0..<3).map { _ in Float.random(in: -1...1, using: &generator) }
      for _ in 0..<photos {
        owners.append(person)
        values += identity.map { $0 + Float.random(in: -0.1...0.1, using: &generator) }
        values += (0..<5).map { _ in Float.random(in: -20...20, using: &generator) }
      }
    }
    return (values, owners)
  }

  @Test("finds the directions in which people differ, and how much they do")
  func directions() throws {
    let (values, people) = rows(people: 200)
    let found = try Discriminant(values, people: people, directions: 8, shrinkage: 0)
    #expect(found.directions == 8 && found.inputs == 8)
    // Within people the variance is 0.1² ∕ 3, between them 1 ∕ 3: a hundred times as much.
    #expect(found.ratios.prefix(3).allSatisfy { (60...150).contains($0) }, "\(found.ratios)")
    #expect(found.ratios.dropFirst(3).allSatisfy { $0 < 0.5 })
    for direction in 0..<3 {
      let column = (0..<8).map { found.matrix[$0 * 8 + direction] }
      #expect(column.dropFirst(3).allSatisfy { abs($0) < 0.05 * (column.map(abs).max() ?? 0) })
    }
    let few = try Discriminant(values, people: people, directions: 2, shrinkage: 0)
    #expect(few.directions == 2 && few.ratios == Array(found.ratios.prefix(2)))
  }

  @Test("is what a head gives that begins as it")
  func head() throws {
    let (values, people) = rows(people: 60)
    let found = try Discriminant(values, people: people, directions: 7, shrinkage: 0.01)
    var generator = SplitMix64(2)
    var head = HeadParameters(HeadShape(inputs: 8, units: [10, 6, 5, 4]), using: &generator)
    head.begin(as: found)
    let embedded = HeadTrainer(head).embed(values)
    var compared = 0
    for row in people.indices {
      for unit in 0..<4 {
        let ratio = found.ratios[unit]
        let along = (0..<8).reduce(Float(0)) { $0 + values[row * 8 + $1] * found.matrix[$1 * 7 + unit] }
        // Beyond four deviations ReLU cuts off; normalisation's ε takes off two thousandths.
        guard abs(along) < 3.9 * (1 + ratio).squareRoot() else { continue }
        let expected = along * (ratio / (1 + ratio)).squareRoot()
        #expect(abs(embedded[row * 4 + unit] - expected) < 0.01 * max(1, abs(expected)))
        compared += 1
      }
    }
    #expect(compared > people.count * 3)
  }

  @Test("of photos that are all alike is refused")
  func copies() {
    #expect {
      try Discriminant([1, 2, 1, 2, 3, 4, 3, 4], people: [0, 0, 1, 1], directions: 2, shrinkage: 0.1)
    } throws: {
      ($0 as? TrainingError)?.code == .badData
    }
  }
}
