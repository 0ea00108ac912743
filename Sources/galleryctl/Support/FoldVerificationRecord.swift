import FaceEvaluation

/// What `eval --fold-engines` measured, as `--json` shows it.
struct FoldVerificationRecord: Encodable {
  let engines: String
  let verification: VerificationReport

  var text: String { Facts([("engines", engines)] + verification.facts).text }
}
