/// What commits have written to: by these keys a copy asks for what is there now.
///
/// The change log tells less: it is made for an index, which needs to know nothing of tags, paths and groups.
struct WrittenKeys: Hashable, Sendable {
  var people: Set<UInt64> = []
  /// Faces of which anything was changed: record, vector, thumbnail, tags or group.
  var faces: Set<UInt64> = []
  var removals: Set<UInt64> = []
  var removedPeople: Set<UInt64> = []
  var removedFaces: Set<UInt64> = []
  var whole: Whole = []

  /// What was written as a whole.
  struct Whole: OptionSet, Hashable, Sendable {
    let rawValue: Int64
    /// All groups.
    static let groups = Whole(rawValue: 1)
    /// All that removals keep.
    static let removals = Whole(rawValue: 2)
    /// Everything: nothing is left of what was there.
    static let everything = Whole(rawValue: 4)
  }

  mutating func formUnion(_ other: WrittenKeys) {
    people.formUnion(other.people)
    faces.formUnion(other.faces)
    removals.formUnion(other.removals)
    removedPeople.formUnion(other.removedPeople)
    removedFaces.formUnion(other.removedFaces)
    whole.formUnion(other.whole)
  }
}

/// A commit of the truth: its number says how many there were before, its random tag tells it from one of another history.
struct CommitMark: Hashable, Sendable {
  var number: Int64
  var tag: UInt64

  /// Before the first commit.
  static let none = CommitMark(number: 0, tag: 0)
}

/// A commit of the truth with what it wrote to, as a copy remembers it for the case that the truth loses it.
struct FollowedCommit: Hashable, Sendable {
  let mark: CommitMark
  /// The last change of the log with this commit.
  let sequence: UInt64
  let written: WrittenKeys
}

// MARK: How a copy keeps it

extension FollowedCommit {
  /// Sealed; the number is the key's.
  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(mark.tag)
    writer.integer(sequence)
    writer.integer(written.whole.rawValue)
    for numbers in [
      written.people, written.faces, written.removals, written.removedPeople, written.removedFaces,
    ] {
      writer.integer(UInt64(numbers.count))
      for number in numbers.sorted() { writer.integer(number) }
    }
    writer.seal()
    return writer.bytes
  }

  init(decoding bytes: [UInt8], number: Int64) throws(ByteReader.Malformed) {
    var reader = try ByteReader(sealed: bytes)
    mark = CommitMark(number: number, tag: try reader.integer())
    sequence = try reader.integer()
    var written = WrittenKeys()
    written.whole = WrittenKeys.Whole(rawValue: try reader.integer())
    written.people = try reader.numbers()
    written.faces = try reader.numbers()
    written.removals = try reader.numbers()
    written.removedPeople = try reader.numbers()
    written.removedFaces = try reader.numbers()
    self.written = written
  }
}

extension ByteReader {
  fileprivate mutating func numbers() throws(Malformed) -> Set<UInt64> {
    let bytes = try integer(UInt64.self).multipliedReportingOverflow(by: 8)
    guard !bytes.overflow, let count = Int(exactly: bytes.partialValue) else { throw Malformed() }
    let all = try raw(count)
    var numbers: Set<UInt64> = []
    numbers.reserveCapacity(count / 8)
    for start in stride(from: all.startIndex, to: all.endIndex, by: 8) {
      numbers.insert(all[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
    }
    return numbers
  }
}
