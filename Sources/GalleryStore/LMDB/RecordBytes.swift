// How the records that are written whole look as bytes; docs/gallery-format.md has the fields.

extension Change {
  /// Bytes without the checksum, which those of formats before 1.3 do not have.
  private static let length = 25

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.integer(kind.rawValue)
    writer.integer(face.rawValue)
    writer.integer(person.rawValue)
    writer.integer(tag)
    writer.seal()
    return writer.bytes
  }

  /// Whether the entry has a checksum.
  static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.count > length }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(bytes, length: Self.length)
    guard let kind = Kind(rawValue: try reader.integer()) else { throw ByteReader.Malformed() }
    self.init(
      kind: kind, face: FaceID(rawValue: try reader.integer()),
      person: PersonID(rawValue: try reader.integer()), tag: try reader.integer())
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
      assert(offset + 8 <= Self.length)
      return UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    self.init(
      kind: kind, face: FaceID(rawValue: word(1)), person: PersonID(rawValue: word(9)), tag: word(17))
  }
}

extension Counters {
  /// Bytes without the checksum, which those of formats before 1.3 do not have.
  private static let length = 40

  var encoded: [UInt8] {
    var writer = ByteWriter()
    for value in [sequence, tag, lastPerson, lastFace, trimmed] { writer.integer(value) }
    writer.seal()
    return writer.bytes
  }

  /// Whether the record has a checksum.
  static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.count > length }

  init(decoding bytes: [UInt8]) throws(ByteReader.Malformed) {
    var reader = try ByteReader(bytes, length: Self.length)
    self.init()
    sequence = try reader.integer()
    tag = try reader.integer()
    lastPerson = try reader.integer()
    lastFace = try reader.integer()
    trimmed = try reader.integer()
  }
}

/// The keys of `metadata`: the owner's kind, its number, big-endian, and the name of the tag.
extension TagOwner {
  static let personKind: UInt8 = 1
  static let faceKind: UInt8 = 2

  var kind: UInt8 {
    switch self {
    case .person: Self.personKind
    case .face: Self.faceKind
    }
  }

  var number: UInt64 {
    switch self {
    case .person(let id): id.rawValue
    case .face(let id): id.rawValue
    }
  }

  /// What the owner's keys begin with.
  var prefix: [UInt8] { withUnsafeBytes(of: number.bigEndian) { [kind] + Array($0) } }

  /// The owner and the name that a key tells; nil when it is none.
  static func decode(_ bytes: [UInt8]) -> (owner: TagOwner, key: String)? {
    guard bytes.count > 9, let key = String(validating: bytes[9...], as: UTF8.self) else { return nil }
    let number = bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
    switch bytes[0] {
    case Self.personKind: return (.person(PersonID(rawValue: number)), key)
    case Self.faceKind: return (.face(FaceID(rawValue: number)), key)
    default: return nil
    }
  }

  /// The key of `metadataIndex` that lists everybody with a tag.
  static func indexKey(_ kind: UInt8, _ key: String, _ value: [UInt8]) -> [UInt8] {
    [kind] + Array(key.utf8) + [0] + value
  }
}
