internal import GalleryStore
internal import Synchronization

/// Whose face is it: a cache in memory, asked by searches that group by person many times a query.
///
/// Entries are filled when they are first asked for. Faces that go from one person to another are followed
/// through the change log, in its order. Looking up what is known waits for nobody.
final class PersonMap: Sendable {
  /// Persons of 4096 consecutive faces; 0 is not known yet.
  private final class Chunk: Sendable {
    static let bits: UInt64 = 12
    private nonisolated(unsafe) let entries: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
      entries = .allocate(capacity: 1 << Self.bits)
      for index in 0..<(1 << Self.bits) { (entries + index).initialize(to: Atomic(0)) }
    }

    deinit {
      entries.deinitialize(count: 1 << Self.bits)
      entries.deallocate()
    }

    func person(of face: UInt64) -> UInt64 {
      entries[Int(face & ((1 << Self.bits) - 1))].load(ordering: .relaxed)
    }

    func set(_ person: UInt64, for face: UInt64) {
      entries[Int(face & ((1 << Self.bits) - 1))].store(person, ordering: .relaxed)
    }

    /// A value read from the store may be older than what was followed meanwhile, so it only fills gaps.
    func fill(_ person: UInt64, for face: UInt64) {
      _ = entries[Int(face & ((1 << Self.bits) - 1))].compareExchange(
        expected: 0, desired: person, ordering: .relaxed)
    }
  }

  private struct State {
    var chunks: [Chunk?] = []
    /// The last change that was followed.
    var followed: UInt64
    /// The last followed change that moved a face.
    var lastMove: UInt64 = 0
    /// Whether every face was filled in once.
    var isFilled = false
    /// How often everything was forgotten.
    var resets = 0
    /// Of which history the changes are; see `StoreSnapshot.history()`.
    var history: UInt64 = 0

    mutating func chunk(of face: UInt64) -> Chunk {
      let index = Int(face >> Chunk.bits)
      if index >= chunks.count { chunks += Array(repeating: nil, count: index + 1 - chunks.count) }
      if let chunk = chunks[index] { return chunk }
      let chunk = Chunk()
      chunks[index] = chunk
      return chunk
    }
  }

  /// So many faces are fetched one by one before all are filled in.
  private static let fetches = 4096

  private let store: any Store
  private let state: Mutex<State>
  private let fetched = Atomic<Int>(0)

  /// A map that follows the changes after `sequence`, of a history.
  init(_ store: any Store, from sequence: UInt64, of history: UInt64 = 0) {
    self.store = store
    state = Mutex(State(followed: sequence, history: history))
  }

  /// Forgets everything when what is known is of another history than a snapshot's.
  func begin(_ history: UInt64, _ counters: Counters) {
    state.withLock { state in
      guard state.history != history else { return }
      forget(&state, counters)
      (state.followed, state.history) = (counters.sequence, history)
    }
  }

  private func forget(_ state: inout State, _ counters: Counters) {
    state.chunks = []
    state.isFilled = false
    state.resets += 1
    fetched.store(0, ordering: .relaxed)
    state.lastMove = counters.sequence
  }

  /// A function that tells the person of a face, 0 for a face that is not there; good for one search.
  func lookup() -> @Sendable (UInt64) -> UInt64 {
    let chunks = state.withLock { $0.chunks }
    return { [self] face in
      let index = Int(face >> Chunk.bits)
      if index < chunks.count, let known = chunks[index]?.person(of: face), known != 0 { return known }
      return fetch(face)
    }
  }

  /// The last change that moved a face from person to person, among those followed.
  var lastMove: UInt64 { state.withLock { $0.lastMove } }

  /// Follows the changes up to a snapshot's.
  func follow(_ counters: Counters, _ snapshot: borrowing Snapshot) throws {
    try state.withLock { state in
      guard state.followed < counters.sequence else { return }
      if state.followed < counters.trimmed {
        // The log does not tell everything any more; what is known is forgotten and read anew.
        forget(&state, counters)
      } else {
        try snapshot.forEachChange(after: state.followed) { sequence, change in
          let (face, person) = (change.face.rawValue, change.person.rawValue)
          switch change.kind {
          case .moved:
            state.chunk(of: face).set(person, for: face)
            state.lastMove = sequence
          case .added:
            // One that was removed may come back as somebody else's.
            let known = state.chunk(of: face).person(of: face)
            guard known != 0, known != person else { return }
            state.chunk(of: face).set(person, for: face)
            state.lastMove = sequence
          case .removed, .renamed, .personRemoved: break
          }
        }
      }
      state.followed = counters.sequence
    }
  }

  /// Fills in every face at once, the first time, for a search that asks for most of them.
  func fillAll(_ snapshot: borrowing Snapshot) throws {
    let last = try snapshot.counters().lastFace
    let (chunks, resets, isFilled) = state.withLock { state in
      if !state.isFilled {
        for face in stride(from: 0, through: last, by: 1 << Chunk.bits) { _ = state.chunk(of: face) }
      }
      return (state.chunks, state.resets, state.isFilled)
    }
    if isFilled { return }
    try snapshot.forEachOwner { face, person in
      let face = face.rawValue
      if face <= last { chunks[Int(face >> Chunk.bits)]?.fill(person.rawValue, for: face) }
    }
    state.withLock { if $0.resets == resets { $0.isFilled = true } }
  }

  private func fetch(_ face: UInt64) -> UInt64 {
    // A search that asks for so many asks for most: all at once take less time.
    if fetched.wrappingAdd(1, ordering: .relaxed).newValue == Self.fetches {
      try? store.read(ahead: true) { try fillAll($0) }
    }
    let record = try? store.read { try $0.faceRecord(FaceID(rawValue: face)) }
    guard let person = record?.person.rawValue else { return 0 }
    state.withLock { $0.chunk(of: face) }.fill(person, for: face)
    return person
  }
}
