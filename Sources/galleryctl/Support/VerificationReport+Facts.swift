import Console
import FaceEvaluation

extension VerificationReport {
  /// The figures as `eval` shows them.
  var facts: [(label: String, value: String)] {
    func percent(_ share: Double) -> String { Format.fixed(share * 100, 2) + " %" }
    var facts = [
      (
        label: "verification",
        value: "\(percent(accuracy)) ± \(Format.fixed(standardError * 100, 2)) "
          + "(\(pairs) pairs, \(pairsWithoutFace) with a photo without a face)"
      ),
      ("folds", folds.map { Format.fixed($0 * 100, 2) }.joined(separator: " ")),
      ("area under ROC", Format.fixed(areaUnderCurve, 4)),
      ("equal error", percent(equalErrorRate)),
    ]
    for point in atFalseAcceptRates {
      facts.append(("TAR at FAR \(point.falseAcceptRate)", percent(point.trueAcceptRate)))
    }
    return facts
  }
}
