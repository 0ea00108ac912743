import FaceEngine
import Foundation
import Support
import Testing

@testable import FaceEvaluation

@Suite("The evaluation")
struct EvaluationTests {
  /// People around directions of their own, so that both kinds of pairs occur.
  private func faces(_ count: Int, spread: Float, seed: UInt64) throws -> FaceSet {
    var generator = SplitMix64(seed)
    var vectors: [[Float]?] = []
    var people: [Int] = []
    for person in 0..<count {
      let centre = (0..<16).map { _ in Float.random(in: -1...1, using: &generator) }
      for _ in 0..<(person.isMultiple(of: 2) ? 3 : 1) {
        vectors.append(centre.map { $0 + spread * Float.random(in: -1...1, using: &generator) })
        people.append(person)
      }
    }
    return try FaceSet(vectors, people: people)
  }

  @Test("finds the accuracy, area and rates of known scores")
  func verification() {
    let perfect: [VerificationReport.Judged] = [(0.9, true), (0.8, true), (0.2, false), (0.1, false)]
    let right = VerificationReport([perfect, perfect], missing: 0)
    #expect(right.accuracy == 1 && right.areaUnderCurve == 1 && right.equalErrorRate == 0)
    let mixed: [VerificationReport.Judged] = [(0.9, true), (0.3, true), (0.6, false), (0.1, false)]
    let half = VerificationReport([mixed, mixed], missing: 1)
    #expect(half.accuracy == 0.75)
    #expect(half.areaUnderCurve == 0.75)
    #expect(half.equalErrorRate == 0.5)
    #expect(half.atFalseAcceptRates.map(\.trueAcceptRate) == [0.5, 0.5, 0.5, 0.5])
    #expect(half.pairs == 8 && half.pairsWithoutFace == 1)
  }

  @Test("takes thresholds that keep their false match rates, and a confidence that rises")
  func calibration() throws {
    let faces = try faces(300, spread: 0.5, seed: 5)
    let calibration = try Calibration(faces)
    let impostors = faces.impostors()
    for point in calibration.operatingPoint.points {
      #expect(impostors.rate(reaching: point.threshold) <= point.falseMatchRate * 1.001)
    }
    #expect(calibration.pairs.impostor == 300 * 299 / 2)
    #expect(calibration.pairs.genuine == 150 * 3)
    let point = calibration.operatingPoint
    #expect(point.confidence(similarity: calibration.medians.genuine) > 0.9)
    #expect(point.confidence(similarity: calibration.medians.impostor) < 0.1)
  }

  @Test("says what too few people do not support, and how many are needed")
  func shortcomings() throws {
    #expect(Calibration.leastPeople(falseMatchRate: 1e-3) == 142)
    for rate in [0.1, 0.01, 1e-3, 1e-4] {
      let people = Calibration.leastPeople(falseMatchRate: rate)
      #expect(Double(people * (people - 1) / 2) * rate >= 10)
      #expect(Double((people - 1) * (people - 2) / 2) * rate < 10)
    }
    #expect(try Calibration(faces(300, spread: 0.5, seed: 5)).shortcomings.isEmpty)
    let few = try Calibration(faces(54, spread: 0.5, seed: 5)).shortcomings
    #expect(few.count >= 2 && few[0].contains("54 people, 1431 pairs") && few[0].contains("142 people"))
    #expect(few[0].contains("1 % at best") && few[0].contains("need 0.1 %"), "\(few)")
    #expect(few[1].contains("27 people have a second photo") && few[1].contains("at least 30"), "\(few)")
    // Enough people, all of whom are told apart without fail.
    let separated = try Calibration(faces(300, spread: 0.01, seed: 5))
    #expect(separated.isSeparated && separated.shortcomings.count == 1, "\(separated.shortcomings)")
    #expect(separated.shortcomings[0].hasPrefix("Probabilities are not supported"))
  }

  @Test("names nobody wrongly in a gallery of well separated people")
  func identification() throws {
    let faces = try faces(200, spread: 0.05, seed: 9)
    let point = try Calibration(faces).operatingPoint
    let found = try #require(IdentificationReport(people: 100, faces: faces, point: point))
    #expect(found.cumulativeMatch.first == 1 && found.strangers == 100)
    #expect(found.atFalsePositiveRates[0].falsePositiveRate <= 0.01)
    #expect(found.atFalsePositiveRates[0].falseNegativeRate == 0)
    #expect(IdentificationReport(people: 101, faces: faces, point: point) == nil)
  }

  @Test("finds of known answers how far what is shown is from what is right")
  func reliability() {
    let right = ReliabilityReport((0..<10).map { .init(probability: 0.85, isRight: $0 < 8, weight: 1) })
    #expect(right.bins.map(\.from) == [0.8] && right.bins.map(\.answers) == [10])
    #expect(right.bins[0].right == 0.8 && abs(right.bins[0].shown - 0.85) < 1e-12)
    #expect(abs(right.meanError - 0.05) < 1e-12)
    // A stranger of weight 3 beside a person of weight 1, and one who is certain.
    let mixed = ReliabilityReport([
      .init(probability: 0.5, isRight: true, weight: 1), .init(probability: 0.5, isRight: false, weight: 3),
      .init(probability: 1, isRight: true, weight: 4),
    ])
    #expect(mixed.bins.map(\.from) == [0.5, 0.999])
    #expect(mixed.bins.map(\.right) == [0.25, 1] && mixed.meanError == 0.125)
    #expect(ReliabilityReport([]).bins.isEmpty && ReliabilityReport([]).meanError == 0)
  }

  @Test("fits the evidence of known distributions, whatever the galleries' sizes")
  func evidence() throws {
    // Of two normal distributions of one width it is a line: (m₁ − m₀) / v · s − (m₁² − m₀²) / 2 v.
    var generator = SplitMix64(17)
    func normal() -> Double {
      let (a, b) = (
        Double.random(in: 1e-12..<1, using: &generator), Double.random(in: 0..<1, using: &generator)
      )
      return (-2 * log(a)).squareRoot() * cos(2 * Double.pi * b)
    }
    func galleries(_ people: Int, _ count: Int) -> GalleryTrials {
      let trials = (0..<count).map { number in
        var values = (0..<people).map { _ in Float(0.1 + 0.1 * normal()) }
        let isKnown = number.isMultiple(of: 2)
        if isKnown { values[0] = Float(0.5 + 0.1 * normal()) }
        let best = values.sorted(by: >)
        return GalleryTrials.Trial(
          best: Array(best.prefix(15)), own: isKnown ? values[0] : nil,
          isRight: isKnown && best[0] == values[0],
          isListed: best.prefix(15).contains(values[0]))
      }
      return GalleryTrials(people: people, faces: 1, trials: trials)
    }
    let fitted = [galleries(10, 3_000), galleries(100, 3_000), galleries(400, 2_000)]
    let curve = try #require(EvidenceFit.curve(fitted))
    #expect(abs(curve.slope / 40 - 1) < 0.1 && abs(curve.offset / -12 - 1) < 0.1, "\(curve)")
    // What is shown by it is right in other galleries, where the verdict does not say otherwise: the thresholds are where both answers are
    // equally likely, and the margin is small.
    let point = OperatingPoint(
      points: [
        .init(falseMatchRate: 1e-3, threshold: 0.3576), .init(falseMatchRate: 1e-5, threshold: 0.4729),
      ],
      slope: 400, offset: -120, evidence: [curve])
    for people in [10, 300] {
      let shown = galleries(people, 4_000).trials.map {
        ReliabilityReport.Shown(
          probability: point.shown($0.best, people: people, faces: 1) ?? -1, isRight: $0.isRight, weight: 1)
      }
      #expect(ReliabilityReport(shown).meanError < 0.03)
    }
    #expect(EvidenceFit.curve([]) == nil)
    // Strangers who are more similar than the people themselves say nothing.
    let inverse = GalleryTrials(
      people: 2, faces: 1,
      trials: (0..<100).map {
        .init(
          best: [$0.isMultiple(of: 2) ? 0.1 : 0.9], own: $0.isMultiple(of: 2) ? 0.1 : nil, isRight: false,
          isListed: true)
      })
    #expect(EvidenceFit.curve([inverse]) == nil)
    // People who are always told apart have no finite optimum, and yet a curve.
    let perfect = GalleryTrials(
      people: 10, faces: 1,
      trials: (0..<100).map {
        .init(
          best: [$0.isMultiple(of: 2) ? 0.9 : 0.1], own: $0.isMultiple(of: 2) ? 0.9 : nil,
          isRight: $0.isMultiple(of: 2), isListed: true)
      })
    let step = try #require(EvidenceFit.curve([perfect]))
    #expect(
      step.slope < 1_000 && step.slope * 0.9 + step.offset > log(10) && step.slope * 0.1 + step.offset < 0)
  }

  @Test("galleries are asked about each of their people and about strangers, who are in neither")
  func trials() throws {
    let faces = try faces(400, spread: 0.05, seed: 4)
    let (first, second) = faces.halves(seed: 1)
    #expect(first.count == 200 && second.count == 200 && Set(first + second).count == 400)
    let small = try #require(GalleryTrials(people: 10, faces: 1, judged: first, faces, seed: 1))
    #expect(
      small.trials.count { $0.own != nil } == 1_000 && small.trials.count { $0.own == nil } == 100 * 190)
    for trial in small.trials {
      #expect(trial.best == trial.best.sorted(by: >) && trial.best.count == 10)
      #expect(trial.isRight == (trial.own != nil) && trial.isListed == trial.isRight)
    }
    let weights = small.weights
    #expect(abs(1_000 * weights.known - 0.5) < 1e-9 && abs(19_000 * weights.stranger - 0.5) < 1e-9)
    // A fifth of the people stays out, and others fill the gallery.
    #expect(GalleryTrials(people: 200, faces: 1, judged: first, faces, seed: 1) == nil)
    let full = try #require(
      GalleryTrials(people: 300, faces: 1, judged: first, others: second, faces, seed: 1))
    let draws = full.trials.count / (first.count { $0.count > 1 } + 40)
    #expect(
      full.trials.count { $0.own == nil } == draws * 40 && full.trials.allSatisfy { $0.best.count == 15 })
    // Of two faces each, only who has three can be asked about.
    let two = try #require(GalleryTrials(people: 50, faces: 2, judged: first, faces, seed: 1))
    #expect(two.trials.filter { $0.own != nil }.allSatisfy { $0.isRight && $0.own ?? 0 > 0.9 })
    #expect(GalleryTrials(people: 10, faces: 3, judged: first, faces, seed: 1) == nil)
    #expect(GalleryTrials.largest(first, faces: 1) == 160)
  }

  @Test(
    "probabilities are at least one half exactly for those who are named, and about as often right as they say"
  )
  func shownProbabilities() throws {
    let faces = try faces(1_000, spread: 0.5, seed: 21)
    let point = try Calibration(faces).operatingPoint
    #expect(point.evidence.count == 2)
    let reports = ReliabilityReport.reports(faces, point: point)
    #expect(reports.map(\.people) == [10, 100, 10, 100] && reports.map(\.faces) == [1, 1, 2, 2])
    for report in reports {
      #expect(report.bins.allSatisfy { $0.shown >= $0.from && $0.right <= 1 })
      #expect(report.meanError < 0.1 && report.meanError < 0.6 * report.meanErrorByThreshold, "\(report)")
    }
    // Of too few people nothing is said.
    let few = try self.faces(80, spread: 0.5, seed: 2)
    let calibration = try Calibration(few)
    #expect(calibration.operatingPoint.evidence.isEmpty)
    #expect(ReliabilityReport.reports(few, point: calibration.operatingPoint).isEmpty)
    let margin = try #require(point.margin)
    for point in [point, point.with([])] {
      let threshold = [point.threshold(faces: 3), point.certainty(faces: 1) ?? -1].max()!
      for (similarities, isNamed) in [
        ([threshold, 0, -0.2], true), ([threshold.nextDown, 0, -0.2], false),
        ([threshold + 0.2, threshold + 0.2 - margin / 2, 0], false), ([-0.7, -0.8, -0.9], false),
      ] as [([Float], Bool)] {
        let shown = try #require(point.shown(similarities, people: 3, faces: 1))
        #expect((shown >= 0.5) == isNamed)
      }
    }
    #expect(OperatingPoint.uncalibrated.shown([0.5], people: 1, faces: 1) == nil)
  }

  @Test("expects as many strangers to be named as are, in galleries of every size")
  func falsePositives() throws {
    let faces = try faces(1_200, spread: 0.3, seed: 3)
    let report = try FalsePositiveReport(faces, point: Calibration(faces).operatingPoint)
    #expect(report.sizes.map(\.people) == [10, 30, 100, 300, 1_000])
    for size in report.sizes {
      #expect(size.expected < 0.011 && size.strangers > 0)
      #expect(size.measured < 2 * size.expected + 0.002, "\(size)")
      if size.people >= 30, size.people <= 300 { #expect(size.measured > 0.4 * size.expected, "\(size)") }
    }
  }

  @Test("leaves photos with wrong names out, counts those that are not there, and refuses a list of nobody")
  func wrongNames() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "names-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, count) in [("Ada", 2), ("Bob", 3), ("Cy", 1)] {
      let person = folder.appending(path: name)
      try FileManager.default.createDirectory(at: person, withIntermediateDirectories: true)
      for number in 1...count { try Data().write(to: person.appending(path: "\(name)_000\(number).jpg")) }
    }
    let photos = try PersonPhotos(folder)
    let list = folder.appending(path: "names.txt")
    try Data("# a remark\n\nAda_0002   # Bob\nBob\n".utf8).write(to: list)
    #expect(try LabelErrors(list, photos: photos).photos == [1, 2, 3, 4])
    try Data("Dan_0001\n".utf8).write(to: list)
    #expect(throws: EvaluationError.self) { try LabelErrors(list, photos: photos) }
    // A part of a data set lacks some of those that are listed.
    try Data("Nobody_0009\nNobody Else\n\(photos.people[0])\n".utf8).write(to: list)
    let partial = try LabelErrors(list, photos: photos)
    #expect(!partial.photos.isEmpty && partial.absent == 2)
    #expect(throws: EvaluationError.self) {
      try LabelErrors(folder.appending(path: "none.txt"), photos: photos)
    }
    let faces = try FaceSet([[1, 0], nil, [0, 1], [1, 1], [0, 2], [2, 1]], people: [0, 0, 1, 1, 1, 2])
    let left = try faces.leavingOut([2, 3])
    #expect(left.place == [0, nil, nil, nil, 1, 2] && left.people == [0, 1, 2])
    #expect(left.withoutFace == 3 && left.similarity(0, 1) == 0)
    #expect(throws: EvaluationError.self) { try faces.leavingOut([0, 2, 3, 4, 5]) }
  }

  @Test("measures what photos of a person reach to the mean of several")
  func floors() throws {
    var generator = SplitMix64(8)
    var vectors: [[Float]?] = []
    var people: [Int] = []
    for person in 0..<400 {
      let centre = (0..<32).map { _ in Float.random(in: -1...1, using: &generator) }
      for _ in 0..<9 {
        vectors.append(centre.map { $0 + 0.6 * Float.random(in: -1...1, using: &generator) })
        people.append(person)
      }
    }
    let faces = try FaceSet(vectors, people: people)
    let floors = Calibration.reached(faces, missing: 0.01, from: 2)
    #expect(floors.count == 4 && floors == floors.sorted() && floors[0] > 0.4 && floors[3] < 1)
    let certainties = Calibration.reached(faces, missing: 0.03, from: 1)
    #expect(certainties.count == 5 && zip(floors, certainties.dropFirst()).allSatisfy { $0 < $1 })
    #expect(try Calibration(self.faces(300, spread: 0.5, seed: 5)).operatingPoint.floors.isEmpty)
  }

  @Test("compares groups with people by B-cubed precision and recall")
  func groupFigures() {
    // The example of Amigó et al., "A comparison of extrinsic clustering evaluation metrics", 2009, in small: {A A B}, {B}, {C}.
    let mixed = GroupingReport.Figures(labels: [0, 0, 0, 3, 4], people: [1, 1, 2, 2, 3])
    #expect(abs(mixed.precision - (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1 + 1) / 5) < 1e-12)
    #expect(abs(mixed.recall - (1 + 1 + 0.5 + 0.5 + 1) / 5) < 1e-12)
    #expect(mixed.pureGroups == 0)
    #expect(abs(mixed.f - 2 / (1 / mixed.precision + 1 / mixed.recall)) < 1e-12)
    let right = GroupingReport.Figures(labels: [7, 7, 8], people: [5, 5, 6])
    #expect(right.precision == 1 && right.recall == 1 && right.f == 1 && right.pureGroups == 1)
    #expect(GroupingReport.Figures(labels: [1, 2], people: [5, 5]).pureGroups == 1)
    #expect(abs(GroupingReport.Figures(mean: [mixed, right]).precision - (mixed.precision + 1) / 2) < 1e-12)
  }

  @Test("takes the neighbour rate whose groups are best, of those that are precise at every size")
  func grouping() throws {
    let faces = try faces(400, spread: 0.9, seed: 12)
    let calibration = try Calibration(faces)
    let report = try #require(calibration.grouping)
    #expect(calibration.operatingPoint.falseNeighborRate == report.best.falseNeighborRate)
    #expect(report.best.sizes.map(\.faces).last == 800 && report.best.sizes.count == 3)
    #expect(report.best.sizes.map(\.draws) == [20, 20, 1])
    let rates = report.rates.map(\.falseNeighborRate)
    #expect(rates == rates.sorted(by: >) && Set(rates).count == rates.count)
    // Stricter thresholds: groups of fewer strangers and of fewer faces.
    for (a, b) in zip(report.rates, report.rates.dropFirst()) {
      #expect(a.sizes[2].threshold <= b.sizes[2].threshold)
      #expect(a.figures.precision <= b.figures.precision + 0.005)
      #expect(a.figures.recall >= b.figures.recall - 0.005)
    }
    let precise = report.rates.filter { $0.sizes.allSatisfy { $0.figures.precision >= 0.98 } }
    #expect(!precise.isEmpty && precise.count < rates.count)
    #expect(precise.allSatisfy { $0.figures.f <= report.best.figures.f } && precise.contains(report.best))
    #expect(try Calibration(self.faces(80, spread: 0.5, seed: 5)).grouping == nil)
  }

  @Test("finds the nearest of some faces, by their places among those")
  func nearest() throws {
    let faces = try FaceSet([[1, 0], [0, 1], [3, 1], [0, 2], [1, 1]], people: [0, 1, 2, 3, 4])
    let edges = faces.nearest(2, of: [0, 2, 4])
    #expect(
      edges.map { SIMD2($0.a, $0.b) }.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
        == [SIMD2(0, 1), SIMD2(0, 2), SIMD2(1, 0), SIMD2(1, 2), SIMD2(2, 0), SIMD2(2, 1)])
    #expect(
      faces.nearest(1, of: [0, 1, 2, 3]).map { SIMD2($0.a, $0.b) }
        == [SIMD2(0, 2), SIMD2(1, 3), SIMD2(2, 0), SIMD2(3, 1)])
  }

  @Test("knows a photo by the number in its name, also when others are missing, and else by its place")
  func photoNumbers() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "numbers-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["Ada_King/Ada_King_0002.jpg", "Ada_King/Ada_King_0011.jpg", "Bob/a.jpg", "Bob/Bob_0007.jpg"]
    {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data().write(to: file)
    }
    let photos = try PersonPhotos(folder)
    func name(_ person: String, _ number: Int) -> String? {
      photos.photo(of: person, number: number).map { photos.photos[$0].url.lastPathComponent }
    }
    #expect(name("Ada_King", 2) == "Ada_King_0002.jpg" && name("Ada_King", 11) == "Ada_King_0011.jpg")
    #expect(name("Ada_King", 1) == nil && name("Ada_King", 3) == nil)
    #expect(name("Bob", 1) == "Bob_0007.jpg" && name("Bob", 2) == "a.jpg" && name("Bob", 7) == nil)
    #expect(name("Cy", 1) == nil)
  }

  @Test("says what is wrong with photos, faces and pairs")
  func badInput() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "eval-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: EvaluationError.self) { try PersonPhotos(folder) }
    for name in ["Ada", "Bob"] {
      let person = folder.appending(path: name)
      try FileManager.default.createDirectory(at: person, withIntermediateDirectories: true)
      for number in 1...2 { try Data().write(to: person.appending(path: "\(name)_000\(number).jpg")) }
    }
    let photos = try PersonPhotos(folder)
    #expect(photos.people == ["Ada", "Bob"] && photos.photos.count == 4)
    let file = folder.appending(path: "pairs.txt")
    func pairs(_ text: String) throws -> PairsFile {
      try Data(text.utf8).write(to: file)
      return try PairsFile(file, photos: photos)
    }
    let good = try pairs("2\t1\nAda\t1\t2\nAda\t1\tBob\t2\nBob\t1\t2\nBob\t1\tAda\t2\n")
    #expect(good.folds.map(\.count) == [2, 2])
    #expect(good.folds[0][1] == .init(first: 0, second: 3, isSame: false))
    for text in ["", "2 1\nAda 1 2\n", "2 1\nAda 1 3\nAda 1 2\nAda 1 2\nAda 1 2\n"] {
      #expect(throws: EvaluationError.self) { try pairs(text) }
    }
    #expect(throws: EvaluationError.self) { try FaceSet([nil, nil], people: [0, 1]) }
    #expect(throws: EvaluationError.self) { try Calibration(FaceSet([[1, 0], [0, 1]], people: [0, 1])) }
  }

  @Test("says how the threshold rises with the gallery")
  func thresholdCurve() throws {
    // A false match rate of 10⁻³ at 0.6, and a tenth of it for every 0.1 more.
    let point = OperatingPoint(
      points: [3, 4, 5, 6].map {
        .init(falseMatchRate: pow(10, -Double($0)), threshold: 0.3 + 0.1 * Float($0))
      }, slope: 10, offset: -5)
    let curve = ThresholdCurve(point, falsePositiveIdentificationRate: 0.01)
    #expect(curve.points.map(\.people).first == 1 && curve.points.map(\.people).last == 100_000)
    func threshold(_ people: Int) throws -> Float {
      try #require(curve.points.first { $0.people == people }).threshold
    }
    // Up to ten faces the rate of 10⁻³ is enough; each tenfold gallery then needs 0.1 more, also beyond 10⁻⁶.
    #expect(try abs(threshold(1) - 0.6) < 1e-6 && abs(threshold(10) - 0.6) < 1e-3)
    #expect(try abs(threshold(100) - 0.7) < 1e-3 && abs(threshold(1_000) - 0.8) < 1e-3)
    #expect(try abs(threshold(10_000) - 0.9) < 1e-3 && abs(threshold(100_000) - 1) < 1e-3)
    let stricter = ThresholdCurve(point, falsePositiveIdentificationRate: 0.001)
    #expect(zip(curve.points, stricter.points).allSatisfy { $0.threshold <= $1.threshold })
    #expect(try abs(#require(stricter.points.first { $0.people == 100 }).threshold - 0.8) < 1e-3)
  }
}
