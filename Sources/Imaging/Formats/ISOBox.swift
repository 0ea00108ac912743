/// A box of a file in the ISO base media format, and what is in it. (ISO/IEC 14496-12, 4.2.)
struct ISOBox {
  let type: String
  let content: UnsafeBufferPointer<UInt8>
  /// Where the next one begins.
  let end: Int

  /// The box at a place; nil when it does not end within `bytes`.
  init?(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    guard let short = bytes.big(4, at: start), start + 8 <= bytes.count else { return nil }
    var header = 8
    var size = short
    if short == 1 {
      guard let long = bytes.big(8, at: start + 8) else { return nil }
      (header, size) = (16, long)
    } else if short == 0 {
      size = bytes.count - start
    }
    guard size >= header, size <= bytes.count - start else { return nil }
    type = String(decoding: bytes[start + 4..<start + 8], as: UTF8.self)
    content = UnsafeBufferPointer(rebasing: bytes[start + header..<start + size])
    end = start + size
  }

  /// The boxes that fill a place from an offset on; nil when they do not end with it.
  static func all(in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> [ISOBox]? {
    var boxes: [ISOBox] = []
    var position = start
    while position < bytes.count {
      guard let box = ISOBox(in: bytes, at: position) else { return nil }
      boxes.append(box)
      position = box.end
    }
    return boxes
  }
}
