/// Takes the body out of its chunks (RFC 9112, 7.1), as strictly as ``RequestHeadParser`` takes a head.
///
/// Extensions of chunks and fields behind the last chunk are read over.
struct ChunkDecoder: Sendable {
  private enum State: Sendable, Hashable {
    case size, extensions, sizeLineFeed
    case content, contentReturn, contentLineFeed
    case trailer, fieldName, field, fieldLineFeed, lastLineFeed
    case done
  }

  /// Extensions and trailing fields may have so many bytes together.
  static let maximumExtraBytes = 8_192

  private var state = State.size
  private var digits = 0
  /// Bytes of the chunk that are to come.
  private var rest = 0
  private var extra = 0

  var isDone: Bool { state == .done }

  /// Takes received bytes.
  ///
  /// - Parameters:
  ///   - input: What was received; the bytes that belong to the body are taken from it.
  ///   - body: Called with each run of the content.
  /// - Throws: What `body` throws, and ``HTTPFailure`` 400 for chunks that are refused; the connection is of no further
  ///   use.
  mutating func read(
    _ input: inout ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) throws(HTTPFailure) -> Void
  ) throws(HTTPFailure) {
    while state != .done, let byte = input.first {
      if state == .content {
        let run = input.prefix(rest)
        rest -= run.count
        input = input.dropFirst(run.count)
        if rest == 0 { state = .contentReturn }
        try body(run)
      } else {
        input = input.dropFirst()
        try step(byte)
      }
    }
  }

  private mutating func step(_ byte: UInt8) throws(HTTPFailure) {
    switch state {
    case .size:
      if let digit = Byte.hexadecimal(byte) {
        digits += 1
        guard digits <= 15 else { throw Self.malformed }
        rest = rest << 4 | Int(digit)
        return
      }
      guard digits > 0 else { throw Self.malformed }
      switch byte {
      case UInt8(ascii: ";"): state = .extensions
      case Byte.carriageReturn: state = .sizeLineFeed
      default: throw Self.malformed
      }
    case .extensions: try skip(byte, until: .sizeLineFeed)
    case .sizeLineFeed:
      digits = 0
      try expect(Byte.lineFeed, byte, then: rest == 0 ? .trailer : .content)
    case .contentReturn: try expect(Byte.carriageReturn, byte, then: .contentLineFeed)
    case .contentLineFeed: try expect(Byte.lineFeed, byte, then: .size)
    case .trailer:
      if byte == Byte.carriageReturn {
        state = .lastLineFeed
      } else {
        guard Byte.isToken(byte) else { throw Self.malformed }
        state = .fieldName
      }
    case .fieldName:
      extra += 1
      guard extra <= Self.maximumExtraBytes else { throw Self.malformed }
      if byte == UInt8(ascii: ":") {
        state = .field
      } else if !Byte.isToken(byte) {
        throw Self.malformed
      }
    case .field: try skip(byte, until: .fieldLineFeed)
    case .fieldLineFeed: try expect(Byte.lineFeed, byte, then: .trailer)
    case .lastLineFeed: try expect(Byte.lineFeed, byte, then: .done)
    case .content, .done: break
    }
  }

  private mutating func expect(_ wanted: UInt8, _ byte: UInt8, then next: State) throws(HTTPFailure) {
    guard byte == wanted else { throw Self.malformed }
    state = next
  }

  /// Reads over a byte of a line, whose carriage return leads to `end`.
  private mutating func skip(_ byte: UInt8, until end: State) throws(HTTPFailure) {
    if byte == Byte.carriageReturn {
      state = end
      return
    }
    extra += 1
    guard extra <= Self.maximumExtraBytes, byte >= 0x20 && byte != 0x7f || byte == Byte.tab else {
      throw Self.malformed
    }
  }

  private static var malformed: HTTPFailure { RequestHeadParser.malformed("its chunks cannot be read") }
}
