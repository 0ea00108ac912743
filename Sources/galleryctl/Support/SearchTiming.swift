import FaceGallery

/// One way of searching a gallery, timed over many questions.
struct SearchTiming: Encodable {
  private enum CodingKeys: String, CodingKey {
    case name, recall, queriesPerSecond
    case p50 = "p50_seconds"
    case p99 = "p99_seconds"
  }

  let name: String
  /// Share of the true answers that were found.
  let recall: Double
  /// Seconds that half of the questions took at most.
  let p50: Double
  /// Seconds that all but a hundredth of the questions took at most.
  let p99: Double
  let queriesPerSecond: Double
  /// The faces found for each question.
  let answers: [Set<FaceID>]

  /// Asks every question once to warm up and once on the clock.
  ///
  /// - Parameter truth: the right answers; `nil` when these are the right ones.
  init(
    _ name: String, _ gallery: Gallery, _ probes: [Embedding], _ options: QueryOptions, truth: [Set<FaceID>]?
  ) throws {
    var answers: [Set<FaceID>] = []
    var times: [Double] = []
    for probe in probes { _ = try gallery.query(probe, options: options) }
    for probe in probes {
      let start = ContinuousClock.now
      let answer = try gallery.query(probe, options: options)
      times.append((ContinuousClock.now - start) / .seconds(1))
      answers.append(Set(answer.candidates.map(\.face)))
    }
    times.sort()
    let truth = truth ?? answers
    let wanted = truth.reduce(0) { $0 + $1.count }
    let found = zip(truth, answers).reduce(0) { $0 + $1.0.intersection($1.1).count }
    self.name = name
    self.answers = answers
    recall = wanted > 0 ? Double(found) / Double(wanted) : 1
    p50 = times.isEmpty ? 0 : times[times.count / 2]
    p99 = times.isEmpty ? 0 : times[min(times.count - 1, times.count * 99 / 100)]
    queriesPerSecond = Double(times.count) / max(times.reduce(0, +), 1e-9)
  }
}
