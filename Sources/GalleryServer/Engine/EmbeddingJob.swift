internal import FaceGallery
internal import HTTPServing
internal import Support

/// The faces that a caller waits for.
// Safe to share because whatever changes is read and set in the queue's lock only.
final class EmbeddingJob: @unchecked Sendable {
  let faces: [LocatedFace]
  /// Whether anybody still waits for them.
  let cancellation = Cancellation.current
  /// Whose turn they take.
  let owner = Owner.current ?? Owner(group: "", name: "")
  /// How many are in batches already, the first ones first.
  private(set) var begun = 0
  private var embeddings: [Embedding?]
  private var missing: Int
  private var failure: EngineError?

  init(_ faces: [LocatedFace]) {
    self.faces = faces
    embeddings = Array(repeating: nil, count: faces.count)
    missing = faces.count
  }

  /// How many faces are in no batch yet.
  var waiting: Int { failure == nil ? faces.count - begun : 0 }

  /// What has come of it; nil while there is more to come.
  var result: Result<[Embedding], EngineError>? {
    if let failure { return .failure(failure) }
    return missing == 0 ? .success(embeddings.compactMap { $0 }) : nil
  }

  /// Puts the next face into a batch; gives its place.
  func takeFace() -> Int {
    defer { begun += 1 }
    return begun
  }

  func finish(_ range: Range<Int>, _ result: Result<[Embedding], EngineError>) {
    switch result {
    case .success(let found):
      for (place, embedding) in zip(range, found) { embeddings[place] = embedding }
      missing -= range.count
    case .failure(let error): failure = failure ?? error
    }
  }

  func fail(_ error: EngineError) { failure = failure ?? error }
}

/// Jobs whose faces are taken in turns: one of each group, and within it one of each owner; an owner's in the order in which they came.
struct EmbeddingTurns {
  private struct Group {
    /// Those who wait, the next one first.
    var owners: [Owner] = []
    var jobs: [Owner: [EmbeddingJob]] = [:]
  }

  /// Those who wait, the next one first.
  private var names: [String] = []
  private var groups: [String: Group] = [:]

  mutating func add(_ job: EmbeddingJob) {
    let owner = job.owner
    if groups[owner.group] == nil { names.append(owner.group) }
    if groups[owner.group]?.jobs[owner] == nil {
      groups[owner.group, default: Group()].owners.append(owner)
    }
    groups[owner.group]?.jobs[owner, default: []].append(job)
  }

  /// The job whose turn it is with a face, and the face's place.
  mutating func takeFace() -> (job: EmbeddingJob, place: Int)? {
    guard let name = names.first, let owner = groups[name]?.owners.first,
      let job = groups[name]?.jobs[owner]?.first
    else { return nil }
    let place = job.takeFace()
    names.removeFirst()
    groups[name]?.owners.removeFirst()
    if job.waiting == 0 { groups[name]?.jobs[owner]?.removeFirst() }
    if groups[name]?.jobs[owner]?.isEmpty == true {
      groups[name]?.jobs[owner] = nil
    } else {
      groups[name]?.owners.append(owner)
    }
    if groups[name]?.owners.isEmpty == true { groups[name] = nil } else { names.append(name) }
    return (job, place)
  }

  /// Takes jobs out that fail a test; gives them.
  mutating func remove(where isGone: (EmbeddingJob) -> Bool) -> [EmbeddingJob] {
    var gone: [EmbeddingJob] = []
    var kept = EmbeddingTurns()
    for name in names {
      for owner in groups[name]?.owners ?? [] {
        for job in groups[name]?.jobs[owner] ?? [] {
          if isGone(job) { gone.append(job) } else { kept.add(job) }
        }
      }
    }
    if !gone.isEmpty { self = kept }
    return gone
  }
}
