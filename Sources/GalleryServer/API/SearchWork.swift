internal import FaceGallery
internal import GalleryRecords
internal import HTTPServing

/// What the searches of one request come to together: no request may be so much work, or have so large a reply, that others wait long.
struct SearchWork {
  /// How many faces or embeddings are asked about.
  let probes: Int
  /// What they are called, and by which parameter there are fewer: `embeddings`, or `faces of the photo (max_faces)`.
  let noun: String
  /// What the number of candidates is called.
  let count: String

  /// Checks the work against the limits.
  ///
  /// - Throws: ``HTTPFailure`` 400 that names the parameters.
  func check(_ options: QueryOptions, in gallery: Gallery) throws {
    if options.plan == .exact {
      try check(
        try gallery.faces(offset: 0, limit: 0).total, "exact: faces of the gallery",
        OptionLimits.allComparisons, "comparisons")
    }
    if let ef = options.ef { try check(ef, "ef", OptionLimits.allEf, "steps") }
    try check(options.k, count, OptionLimits.allCandidates, "candidates")
  }

  private func check(
    _ each: Int, _ name: String, _ range: ClosedRange<Int>, _ what: String
  ) throws(HTTPFailure) {
    let all = probes.multipliedReportingOverflow(by: each)
    // A single one is always answered.
    guard probes > 1, all.overflow || all.partialValue > range.upperBound else { return }
    throw HTTPFailure(
      400, "bad-parameter",
      "\(probes) \(noun) times \(each) (\(name)) are \(all.partialValue) \(what), and \(range.upperBound) are the most "
        + "of one request; ask for fewer, or in several requests.", number: 26)
  }
}
