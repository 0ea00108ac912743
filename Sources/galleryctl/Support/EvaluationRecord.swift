import Console
import FaceEngine
import FaceEvaluation

/// What `eval` measured, as `--json` shows it.
struct EvaluationRecord: Encodable {
  let engine: String
  let people, photos, photosWithoutFace: Int
  let verification: VerificationReport?
  let genuinePairs, impostorPairs: Int
  let genuineMedian, impostorMedian: Float
  let operatingPoint: OperatingPoint
  let trueMatchRates: [Double]
  let identification: [IdentificationReport]
  let personRules: [PersonRuleReport]
  let falsePositives: FalsePositiveReport
  let reliability: [ReliabilityReport]
  let grouping: GroupingReport?
  let thresholdCurves: [ThresholdCurve]
  let photosLeftOut: Int
  /// What the data set is too small for; nil when it is large enough.
  let warnings: [String]?

  /// - Parameter errors: Photos that only the pairs are judged with.
  init(
    _ dataset: PersonPhotos, _ all: FaceSet, _ pairs: PairsFile?, without errors: LabelErrors?,
    _ engine: FaceEngine
  ) throws {
    let faces = try errors.map { try all.leavingOut($0.photos) } ?? all
    let calibration = try Calibration(faces)
    photosLeftOut = errors?.photos.count ?? 0
    warnings = calibration.shortcomings.isEmpty ? nil : calibration.shortcomings
    self.engine = engine.fingerprint.description
    people = dataset.people.count
    photos = all.photos
    photosWithoutFace = all.withoutFace
    verification = pairs.map { VerificationReport($0, all) }
    (genuinePairs, impostorPairs) = calibration.pairs
    (genuineMedian, impostorMedian) = calibration.medians
    operatingPoint = calibration.operatingPoint
    trueMatchRates = calibration.trueMatchRates
    thresholdCurves = IdentificationReport.falsePositiveRates.map {
      ThresholdCurve(calibration.operatingPoint, falsePositiveIdentificationRate: $0)
    }
    falsePositives = FalsePositiveReport(faces, point: calibration.operatingPoint)
    identification = [10, 100, 1_000, 1_600].compactMap {
      IdentificationReport(people: $0, faces: faces, point: calibration.operatingPoint)
    }
    reliability = ReliabilityReport.reports(faces, point: calibration.operatingPoint)
    grouping = calibration.grouping
    personRules = [2, 3, 5, 9].compactMap {
      PersonRuleReport(enrolled: $0, faces: faces, point: calibration.operatingPoint)
    }
  }

  var report: Report {
    var facts = [
      ("engine", engine), ("photos", "\(photos) of \(people) people"),
      ("without face", "\(photosWithoutFace) (\(Self.percent(Double(photosWithoutFace) / Double(photos))))"),
    ]
    if photosLeftOut > 0 {
      facts.append(("wrong names", "\(photosLeftOut) photos, left out of all but the pairs"))
    }
    facts += verification?.facts ?? []
    facts += [
      ("pairs", "\(genuinePairs) of one person, \(impostorPairs) of two"),
      (
        "medians",
        "\(Format.fixed(Double(genuineMedian), 3)) and \(Format.fixed(Double(impostorMedian), 3))"
      ),
      (
        "probability of pairs",
        "slope \(Format.fixed(operatingPoint.slope, 3)), offset \(Format.fixed(operatingPoint.offset, 3))"
      ),
    ]
    for (place, curve) in operatingPoint.evidence.enumerated() {
      facts.append(
        (
          place == 0 ? "evidence of 1 face" : "of \(place + 1) faces",
          "slope \(Format.fixed(curve.slope, 3)), offset \(Format.fixed(curve.offset, 3))"
        ))
    }
    let remarks = (warnings ?? []).map { "warning: \($0)\n" }.joined()
    let head = Report(Facts(facts).text + (remarks.isEmpty ? "" : "\n" + remarks))
    return ([thresholds, open, rules, strangers, errors, bins] + groups).reduce(head) {
      $0 + Report($1, spaced: true)
    }
  }

  private var thresholds: Table {
    var table = Table(.right("false matches"), .right("threshold"), .right("true matches"))
    for (point, rate) in zip(operatingPoint.points, trueMatchRates) {
      table.append([
        "\(Format.fixed(point.falseMatchRate * 100, 5)) %", Format.fixed(Double(point.threshold), 4),
        Self.percent(rate),
      ])
    }
    return table
  }

  private var open: Table {
    var table = Table(
      .right("people"), .right("rank-1"), .right("rank-5"), .right("FNIR at FPIR 1 %"), .right("threshold"),
      .right("at 0.1 %"), .right("by default"), .right("FPIR"), .right("threshold"))
    for found in identification {
      table.append([
        "\(found.people)", Self.percent(found.cumulativeMatch[0]),
        Self.percent(found.cumulativeMatch[min(4, found.cumulativeMatch.count - 1)]),
        Self.percent(found.atFalsePositiveRates[0].falseNegativeRate),
        Format.fixed(Double(found.atFalsePositiveRates[0].threshold), 4),
        Self.percent(found.atFalsePositiveRates[1].falseNegativeRate),
        Self.percent(found.byDefault.falseNegativeRate), Self.percent(found.byDefault.falsePositiveRate),
        Format.fixed(Double(found.byDefault.threshold), 4),
      ])
    }
    return table
  }

  private var rules: Table {
    var table = Table(
      .right("faces enrolled"), .right("people"), .right("probes"), .left("judged by"), .right("rank-1"),
      .right("FNIR at FPIR 1 %"), .right("at 0.1 %"), .right("by default"), .right("FPIR"),
      .right("threshold")
    )
    for report in personRules {
      for rule in report.rules {
        table.append([
          "\(report.enrolled)", "\(report.people)", "\(report.probes)",
          rule.faces == 1 ? "best face" : "mean of best \(rule.faces)", Self.percent(rule.rankOne),
          Self.percent(rule.atFalsePositiveRates[0].falseNegativeRate),
          Self.percent(rule.atFalsePositiveRates[1].falseNegativeRate),
          Self.percent(rule.byDefault.falseNegativeRate), Self.percent(rule.byDefault.falsePositiveRate),
          Format.fixed(Double(rule.byDefault.threshold), 4),
        ])
      }
    }
    return table
  }

  private var strangers: Table {
    var table = Table(
      .right("people"), .right("threshold"), .right("FPIR expected"), .right("measured"),
      .right("strangers asked"))
    for size in falsePositives.sizes {
      table.append([
        "\(size.people)", Format.fixed(Double(size.threshold), 4), Self.percent(size.expected),
        Self.percent(size.measured), "\(size.strangers)",
      ])
    }
    return table
  }

  private var groups: [Table] {
    guard let grouping else { return [] }
    func row(_ head: [String], _ figures: GroupingReport.Figures) -> [String] {
      head + [figures.precision, figures.recall, figures.f, figures.pureGroups].map { Self.percent($0) }
    }
    let columns: [Table.Column] = [
      .right("precision"), .right("recall"), .right("F"), .right("pure groups"),
    ]
    var rates = Table(columns: [.right("faces with a stranger near")] + columns)
    for rate in grouping.rates {
      rates.append(row([Self.percent(rate.falseNeighborRate)], rate.figures))
    }
    var sizes = Table(columns: [.right("faces grouped"), .right("threshold")] + columns)
    for size in grouping.best.sizes {
      sizes.append(row(["\(size.faces)", Format.fixed(Double(size.threshold), 4)], size.figures))
    }
    return [rates, sizes]
  }

  private var errors: Table {
    var table = Table(
      .right("people"), .right("faces each"), .right("answers"), .right("error of the probability"),
      .right("by the threshold alone"))
    for report in reliability {
      table.append([
        "\(report.people)", "\(report.faces)", "\(report.bins.reduce(0) { $0 + $1.answers })",
        Format.fixed(report.meanError, 4), Format.fixed(report.meanErrorByThreshold, 4),
      ])
    }
    return table
  }

  private var bins: Table {
    var table = Table(
      .right("people"), .right("probability from"), .right("answers"), .right("shown"),
      .right("right"))
    for report in reliability where report.faces == 1 {
      for bin in report.bins {
        table.append(
          [
            .init("\(report.people)"), .init("\(bin.from)"), .init("\(bin.answers)"),
            .init(Self.percent(bin.shown), value: "\(bin.shown)"),
            .init(Self.percent(bin.right), value: "\(bin.right)"),
          ] as [Table.Cell], repeating: bin == report.bins.first ? [] : [0])
      }
    }
    return table
  }

  private static func percent(_ share: Double) -> String { Format.fixed(share * 100, 2) + " %" }
}
