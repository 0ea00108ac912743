internal import FaceEngine

/// Brings a copy in files to the state of a gallery in PostgreSQL, whatever happened to either.
///
/// What the copy has and what the truth has is compared by commits, each with a random tag. From the last one that both have on, all that was
/// written to, on either side, is asked for as it is now, and put in the place of what the copy had: so the same is done for every kind of
/// change, and for commits that a failover has undone. It is one transaction of the copy's, with the number of the commit in it: killed anywhere,
/// it was done or not.
struct ReplicaCopier {
  let local: LMDBStore
  let truth: PostgresStore
  /// Faces of the first copy that are committed at a time.
  let stretchLength: Int
  /// Called with the number of faces while everything is copied; what it throws ends the step.
  let progress: (Int) throws -> Void

  init(
    local: LMDBStore, truth: PostgresStore, stretchLength: Int = 20_000,
    progress: @escaping (Int) throws -> Void
  ) {
    self.local = local
    self.truth = truth
    self.stretchLength = stretchLength
    self.progress = progress
  }

  /// Rows asked for at a time.
  private static let pageLength = 1_000
  /// So many commits are remembered, which a failover may undo without a new copy of everything.
  static let rememberedCommits = 1_000
  /// So many changes of the log a copy begins with: as many as an index may be behind that is kept.
  private static let loggedChanges: UInt64 = 100_000

  /// How a step ended.
  struct Step {
    /// The state that the copy has now.
    var mark: CommitMark
    /// Its last change.
    var sequence: UInt64
    /// Whether commits of the copy's were undone.
    var wasRolledBack = false
    /// Whether everything was copied.
    var wasCopied = false
  }

  /// Brings the copy to the last commit of the truth.
  ///
  /// - Returns: Nil when another process has moved the copy on meanwhile; then it is asked again.
  func run() throws -> Step? {
    try truth.reading { try run($0) }
  }

  // The session is what a snapshot is made of: closures may keep it.
  private func run(_ session: PostgresSession) throws -> Step? {
    let snapshot = PostgresSnapshot(session: session)
    guard let state = try local.replicaState() else {
      throw GalleryError(
        .replaced, "\(local.path) is no copy that follows a server any more.")
    }
    let now = try snapshot.mark()
    guard state.isComplete else { return try copyFirst(state, now, session) }
    let counters = try local.view { try $0.counters() }
    if state.mark == now { return Step(mark: now, sequence: counters.sequence) }
    guard let base = try base(of: state, session), let commits = try snapshot.commits(after: base.mark.number)
    else { return try copyAgain(state, now, session) }
    var written = WrittenKeys()
    for commit in base.lost + commits { written.formUnion(commit.written) }
    if written.whole.contains(.everything) { return try copyAgain(state, now, session) }
    let isRollback = base.mark != state.mark
    let isDone = try local.follow(from: state) { writer in
      try replace(written, writer, session)
      try finish(
        now, since: isRollback ? base.sequence : counters.sequence, commits, base.mark.number, writer, session
      )
      if isRollback { try writer.beginHistory() }
    }
    return isDone
      ? Step(mark: now, sequence: session.head.counters.sequence, wasRolledBack: isRollback) : nil
  }

  /// The last commit that both have, and those of the copy's after it.
  private struct Base {
    let mark: CommitMark
    /// The last change with it.
    let sequence: UInt64
    let lost: [FollowedCommit]
  }

  /// Whether the truth remembers a commit, and it is the same.
  private func has(_ mark: CommitMark, _ session: PostgresSession) throws -> Bool {
    if mark == .none { return true }
    return try PostgresSnapshot(session: session).tags(of: mark.number...mark.number)[mark.number] == mark.tag
  }

  /// - Returns: Nil when neither remembers such a commit.
  private func base(of state: ReplicaState, _ session: PostgresSession) throws -> Base? {
    let snapshot = PostgresSnapshot(session: session)
    if try has(state.mark, session) { return Base(mark: state.mark, sequence: 0, lost: []) }
    let own = try local.view { try $0.followedCommits() }
    guard let (oldest, newest) = own.last.map({ ($0.mark.number, state.mark.number) }), oldest <= newest
    else {
      return nil
    }
    let tags = try snapshot.tags(of: oldest...newest)
    for (place, commit) in own.enumerated() where tags[commit.mark.number] == commit.mark.tag {
      return Base(mark: commit.mark, sequence: commit.sequence, lost: Array(own[..<place]))
    }
    return nil
  }

  // MARK: A part

  /// Makes what was written to as it is in the truth.
  private func replace(
    _ written: WrittenKeys, _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    try writer.putEngine(session.head)
    let (people, faces) = (written.people.sorted(), written.faces.sorted())
    // First all that was there: a name may have gone from one to another.
    for face in faces where try writer.contains(FaceID(rawValue: face)) {
      try writer.remove(FaceID(rawValue: face))
    }
    for person in people { try writer.takeOut(PersonID(rawValue: person)) }
    for page in pages(of: people) { for person in try snapshot.copiedPeople(page) { try writer.put(person) } }
    for page in pages(of: faces) { for face in try snapshot.copiedFaces(page) { try writer.put(face) } }
    if written.whole.contains(.groups) { try replaceGroups(writer, session) }
    if written.whole.contains(.removals) {
      try writer.forgetRemovals()
      try copyRemovals(writer, session)
    } else {
      try replaceRemovals(written, writer, session)
    }
  }

  private func pages(of numbers: [UInt64]) -> [[UInt64]] {
    stride(from: 0, to: numbers.count, by: Self.pageLength).map {
      Array(numbers[$0..<min($0 + Self.pageLength, numbers.count)])
    }
  }

  private func replaceGroups(
    _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    try writer.forgetGroups()
    for (group, faces) in try snapshot.groups() {
      for face in faces { try writer.setGroup(group, of: face) }
    }
  }

  private func replaceRemovals(
    _ written: WrittenKeys, _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    for number in written.removals.sorted() {
      try writer.drop(removal: number)
      if let removal = try snapshot.removal(number) { try writer.put(removal) }
    }
    let (people, faces) = (written.removedPeople.sorted(), written.removedFaces.sorted())
    for person in people { try writer.drop(removedPerson: PersonID(rawValue: person)) }
    for face in faces { try writer.drop(removedFace: FaceID(rawValue: face)) }
    for page in pages(of: people) {
      for (id, person) in try snapshot.copiedRemovedPeople(page) { try writer.put(person, as: id) }
    }
    for page in pages(of: faces) {
      for (id, face) in try snapshot.copiedRemovedFaces(page) { try writer.put(face, as: id) }
    }
  }

  private func copyRemovals(
    _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    for removal in try snapshot.removals() { try writer.put(removal) }
    for (id, person) in try snapshot.copiedRemovedPeople(nil) { try writer.put(person, as: id) }
    var last: UInt64 = 0
    while true {
      let page = try snapshot.copiedRemovedFaces(nil, after: last, limit: Self.pageLength)
      for (id, face) in page { try writer.put(face, as: id) }
      guard page.count == Self.pageLength, let end = page.last else { return }
      last = end.id.rawValue
    }
  }

  private func copyLog(
    after first: UInt64, _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    var last = first
    while last < session.head.counters.sequence {
      var changes: [Change] = []
      try snapshot.forEachChange(after: last, limit: Self.pageLength) { changes.append($1) }
      for change in changes {
        last += 1
        try writer.put(change, as: last)
      }
    }
  }

  /// Takes over the log after a change, the numbers, and the commit up to which the copy follows now.
  private func finish(
    _ now: CommitMark, since sequence: UInt64, _ commits: [FollowedCommit], _ base: Int64,
    _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    let own = try writer.counters()
    var counters = snapshot.counters()
    let first = max(sequence, counters.trimmed)
    // What was there stays where it joins.
    let trimmed = counters.trimmed > sequence ? counters.trimmed : min(own.trimmed, sequence)
    try writer.cutLog(upTo: trimmed, after: counters.trimmed > sequence ? trimmed : sequence)
    try copyLog(after: first, writer, session)
    counters.trimmed = trimmed
    try writer.put(counters)
    try writer.put(snapshot.storedFormerNames(), for: MetaKey.formerNames)
    try writer.remember(commits, after: base, most: Self.rememberedCommits)
    var state = ReplicaState(server: truth.place, isOnce: try writer.replicaState()?.isOnce ?? false)
    (state.mark, state.isComplete) = (now, true)
    try writer.put(state)
  }

  // MARK: Everything

  /// Makes the first copy, or goes on with it: nobody reads it yet, so it is committed now and then.
  ///
  /// The faces may be of several states of the truth, since a copy that was interrupted goes on with a later one. At the end everything is
  /// asked for again that was written to since the first of them.
  private func copyFirst(
    _ begun: ReplicaState, _ now: CommitMark, _ session: PostgresSession
  ) throws -> Step? {
    let snapshot = PostgresSnapshot(session: session)
    var state = begun
    var commits: [FollowedCommit] = []
    if state.copied > 0 {
      let isSame = try has(state.mark, session)
      if isSame, let since = try snapshot.commits(after: state.mark.number) { commits = since }
      var written = WrittenKeys()
      for commit in commits { written.formUnion(commit.written) }
      let isReachable = isSame && Int64(commits.count) == now.number - state.mark.number
      if !isReachable || written.whole.contains(.everything) {
        state = ReplicaState(server: begun.server, isOnce: begun.isOnce)
        commits = []
      }
    }
    if state.copied == 0 {
      state.mark = now
      state.server = truth.place
      let start = state
      let isBegun = try local.follow(from: begun) { writer in
        try writer.clear()
        try writer.putEngine(session.head)
        try writer.put(start)
      }
      guard isBegun else { return nil }
    }
    var count = 0
    while true {
      let faces = try stretch(after: state.copied, snapshot)
      let before = state
      if let last = faces.last { state.copied = last.id.rawValue }
      let next = state
      let isDone = try local.follow(from: before) { writer in
        for face in faces { try writer.put(face) }
        try writer.put(next)
      }
      guard isDone else { return nil }
      count += faces.count
      try progress(count)
      if faces.isEmpty { break }
    }
    var written = WrittenKeys()
    for commit in commits { written.formUnion(commit.written) }
    let changed = written.faces.sorted()
    let isDone = try local.follow(from: state) { writer in
      try writer.putEngine(session.head)
      for face in changed where try writer.contains(FaceID(rawValue: face)) {
        try writer.remove(FaceID(rawValue: face))
      }
      for page in pages(of: changed) {
        for face in try PostgresSnapshot(session: session).copiedFaces(page) { try writer.put(face) }
      }
      try copyRest(writer, session)
      try finishCopy(now, isContinued: false, writer, session)
    }
    return isDone ? Step(mark: now, sequence: session.head.counters.sequence, wasCopied: true) : nil
  }

  /// Some faces after one, as many as are committed at a time.
  private func stretch(after face: UInt64, _ snapshot: borrowing PostgresSnapshot) throws -> [CopiedFace] {
    var faces: [CopiedFace] = []
    while faces.count < stretchLength {
      let length = min(Self.pageLength, stretchLength - faces.count)
      let page = try snapshot.copiedFaces(after: faces.last?.id.rawValue ?? face, limit: length)
      faces += page
      if page.count < length { break }
    }
    return faces
  }

  /// Copies everything in one transaction; who reads sees the state of before until it is done.
  private func copyAgain(
    _ state: ReplicaState, _ now: CommitMark, _ session: PostgresSession
  ) throws -> Step? {
    let isDone = try local.follow(from: state) { writer in
      let snapshot = PostgresSnapshot(session: session)
      let (own, engine) = (try writer.counters(), try writer.fingerprint())
      let isSameEngine = try engine?.digest == snapshot.fingerprint()?.digest
      // Where the log goes on from the copy's last change, its index does, too.
      let isContinued =
        try isSameEngine && own.sequence > 0 && snapshot.change(own.sequence)?.tag == own.tag
        && snapshot.counters().sequence - own.sequence < Self.loggedChanges
      try writer.clear()
      try writer.putEngine(session.head)
      var (last, count): (UInt64, Int) = (0, 0)
      while true {
        let page = try snapshot.copiedFaces(after: last, limit: Self.pageLength)
        for face in page { try writer.put(face) }
        count += page.count
        try progress(count)
        guard page.count == Self.pageLength, let end = page.last else { break }
        last = end.id.rawValue
      }
      try copyRest(writer, session)
      try finishCopy(now, isContinued: isContinued, writer, session)
    }
    return isDone ? Step(mark: now, sequence: session.head.counters.sequence, wasCopied: true) : nil
  }

  /// Copies people, groups and removals where there are none.
  private func copyRest(_ writer: borrowing LMDBWriter, _ session: PostgresSession) throws {
    let snapshot = PostgresSnapshot(session: session)
    var last: UInt64 = 0
    while true {
      let page = try snapshot.copiedPeople(after: last, limit: Self.pageLength)
      for person in page { try writer.put(person) }
      guard page.count == Self.pageLength, let end = page.last else { break }
      last = end.id.rawValue
    }
    // Those of the faces may be older.
    try replaceGroups(writer, session)
    try copyRemovals(writer, session)
  }

  private func finishCopy(
    _ now: CommitMark, isContinued: Bool, _ writer: borrowing LMDBWriter, _ session: PostgresSession
  ) throws {
    let snapshot = PostgresSnapshot(session: session)
    var counters = snapshot.counters()
    let first = max(
      counters.trimmed, counters.sequence > Self.loggedChanges ? counters.sequence - Self.loggedChanges : 0)
    try copyLog(after: first, writer, session)
    counters.trimmed = first
    try writer.put(counters)
    try writer.put(snapshot.storedFormerNames(), for: MetaKey.formerNames)
    // From the last one on it can be told what the truth has lost.
    let commits = try now.number > 0 ? snapshot.commits(after: now.number - 1) ?? [] : []
    let written = WrittenKeys()
    try writer.remember(
      commits.map { FollowedCommit(mark: $0.mark, sequence: $0.sequence, written: written) }, after: -1,
      most: Self.rememberedCommits)
    if !isContinued { try writer.beginHistory() }
    var state = ReplicaState(server: truth.place, isOnce: try writer.replicaState()?.isOnce ?? false)
    (state.mark, state.isComplete) = (now, true)
    try writer.put(state)
  }
}
