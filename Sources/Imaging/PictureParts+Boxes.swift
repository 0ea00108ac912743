extension PictureParts {
  /// Of a JP2 file what its header says of size, channels and colours, and the first code stream; a bare code stream is its own
  /// picture.
  static func jpeg2000(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    guard bytes.first == 0 else { return PictureParts([bytes.indices]) }
    var header: PictureParts?
    var stream: Range<Int>?
    let isWhole = eachBox(of: bytes) { type, content in
      switch type {
      case "jp2h" where header == nil:
        var parts = PictureParts()
        guard
          eachBox(
            of: bytes, in: content,
            { type, content in
              if ["ihdr", "bpcc", "colr", "pclr", "cmap", "cdef"].contains(type) { parts.add(content) }
              return true
            })
        else { return false }
        header = parts
      case "jp2c" where stream == nil: stream = content
      default: break
      }
      return true
    }
    guard isWhole, var header, !header.ranges.isEmpty, let stream else { return nil }
    header.add(stream)
    return header
  }

  /// The code stream, which may lie in several boxes, or be bare.
  static func jpegXL(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    guard bytes.first == 0 else { return PictureParts([bytes.indices]) }
    var parts = PictureParts()
    var isOne = false
    // Pieces are numbered from 0; the last has the highest bit set.
    var (pieces, isLast) = (0, false)
    let isWhole = eachBox(of: bytes) { type, content in
      switch type {
      case "jxlc":
        guard !isOne, pieces == 0 else { return false }
        isOne = true
        parts.add(content)
      case "jxlp":
        guard !isOne, !isLast, content.count >= 4, let number = bytes.big(4, at: content.lowerBound),
          number & 0x7FFF_FFFF == pieces
        else { return false }
        (pieces, isLast) = (pieces + 1, number >> 31 == 1)
        parts.add(content.dropFirst(4))
      default: break
      }
      return true
    }
    return isWhole && (isOne || isLast) && !parts.ranges.isEmpty ? parts : nil
  }

  /// Calls `body` with type and content of each box that fills a place, until it says false; whether all were whole, and it never did.
  private static func eachBox(
    of bytes: UnsafeBufferPointer<UInt8>, in place: Range<Int>? = nil, _ body: (String, Range<Int>) -> Bool
  ) -> Bool {
    let place = place ?? bytes.indices
    let inner = UnsafeBufferPointer(rebasing: bytes[place])
    var position = 0
    while position < inner.count {
      guard let box = ISOBox(in: inner, at: position),
        body(
          box.type,
          place.lowerBound + box.end - box.content.count..<place.lowerBound + box.end)
      else { return false }
      position = box.end
    }
    return true
  }
}
