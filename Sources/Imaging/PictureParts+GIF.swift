extension PictureParts {
  /// Screen, palette, and the frames with the blocks that say how they are shown; no comments, no blocks of programs. Not the
  /// version either, which becomes 89a with the first remark.
  static func gif(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    func palette(_ flags: Int) -> Int { flags & 0x80 == 0 ? 0 : 3 << (flags & 7 + 1) }
    guard let flags = bytes.big(1, at: 10) else { return nil }
    var position = 13 + palette(flags)
    guard position <= bytes.count else { return nil }
    var parts = PictureParts()
    parts.add(6..<position)
    var hasFrame = false
    while let kind = bytes.big(1, at: position) {
      let start = position
      switch kind {
      case 0x3B: return hasFrame ? parts : nil
      case 0x21: position += 2
      case 0x2C:
        guard let flags = bytes.big(1, at: position + 9) else { return nil }
        position += 11 + palette(flags)
        hasFrame = true
      default: return nil
      }
      // Blocks of at most 255 bytes, the last of which is empty.
      while let length = bytes.big(1, at: position), length > 0 { position += 1 + length }
      position += 1
      guard position <= bytes.count else { return nil }
      if kind == 0x2C || bytes[start + 1] == 0xF9 { parts.add(start..<position) }
    }
    return nil
  }
}
