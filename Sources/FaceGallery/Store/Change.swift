/// One entry of the change log, `changes`; docs/gallery-format.md has the bytes.
struct Change: Hashable {
  /// What happened.
  enum Kind: UInt8 {
    /// The face was added to the person.
    case added = 1
    /// The face was removed from the person.
    case removed = 2
    /// The face went to the person from another one.
    case moved = 3
    /// The person got another name; there is no face.
    case renamed = 4
    /// The person, who had no face, was removed; there is no face.
    case personRemoved = 5
  }

  let kind: Kind
  let face: FaceID
  let person: PersonID
  /// Random, the same for all changes of one commit: histories that parted after a restored backup are told
  /// apart by it.
  let tag: UInt64

  init(kind: Kind, face: FaceID, person: PersonID, tag: UInt64) {
    self.kind = kind
    self.face = face
    self.person = person
    self.tag = tag
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(kind.rawValue)
    writer.integer(face.rawValue)
    writer.integer(person.rawValue)
    writer.integer(tag)
    writer.seal()
    return writer.bytes
  }

  /// Reads an entry where it lies, for walks over many; nil when it is not what was written.
  init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.length, let kind = Kind(rawValue: bytes.unsafeLoad(as: UInt8.self)) else {
      return nil
    }
    if bytes.byteCount > Self.length {
      guard bytes.byteCount >= Self.length + 4 else { return nil }
      let sum = bytes.withUnsafeBytes { CRC32C.of(UnsafeRawBufferPointer(rebasing: $0[..<Self.length])) }
      guard
        sum == UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: Self.length, as: UInt32.self))
      else { return nil }
    }
    func word(_ offset: Int) -> UInt64 {
      UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    self.init(
      kind: kind, face: FaceID(rawValue: word(1)), person: PersonID(rawValue: word(9)), tag: word(17))
  }

  /// Bytes without the checksum, which those of formats before 1.3 do not have.
  private static let length = 25

  /// Whether the entry has a checksum.
  static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.count > length }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader =
      Self.isSealed(bytes) ? try ByteReader(sealed: Array(bytes.prefix(Self.length + 4))) : ByteReader(bytes)
    guard let kind = Kind(rawValue: try reader.integer()) else { throw ByteReader.Malformed() }
    self.kind = kind
    face = FaceID(rawValue: try reader.integer())
    person = PersonID(rawValue: try reader.integer())
    tag = try reader.integer()
  }
}
