/// Finds the orientation in EXIF data: a TIFF structure of which only the first directory is looked at.
///
/// Every offset and count in it is checked against the bytes that are there; data that make no sense have no
/// orientation, because a damaged remark is no reason to refuse a picture. (Exif 2.32, JEITA CP-3451.)
enum EXIFOrientation {
  /// The orientation that TIFF bytes (which may follow the marker `Exif\0\0`) give, or nil.
  static func find(in bytes: UnsafeBufferPointer<UInt8>) -> ImageOrientation? {
    var start = 0
    let marker: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
    if bytes.count >= marker.count, (0..<marker.count).allSatisfy({ bytes[$0] == marker[$0] }) {
      start = marker.count
    }
    guard let reader = TIFFReader(UnsafeBufferPointer(rebasing: bytes[start...])),
      let directory = reader.uint32(at: 4).map(Int.init), let entries = reader.uint16(at: directory)
    else { return nil }
    for index in 0..<Int(entries) {
      let entry = directory + 2 + index * 12
      guard let tag = reader.uint16(at: entry) else { return nil }
      if tag == orientationTag { return reader.value(ofEntryAt: entry).flatMap(ImageOrientation.init) }
    }
    return nil
  }

  private static let orientationTag: UInt16 = 0x0112
}

/// Numbers of a TIFF structure in its own byte order; nil wherever an offset leads outside.
private struct TIFFReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isLittleEndian: Bool

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 8 else { return nil }
    switch (bytes[0], bytes[1]) {
    case (0x49, 0x49): isLittleEndian = true
    case (0x4D, 0x4D): isLittleEndian = false
    default: return nil
    }
    self.bytes = bytes
    guard uint16(at: 2) == 42 else { return nil }
  }

  func uint16(at offset: Int) -> UInt16? {
    guard offset >= 0, offset <= bytes.count - 2 else { return nil }
    let first = UInt16(bytes[offset])
    let second = UInt16(bytes[offset + 1])
    return isLittleEndian ? second << 8 | first : first << 8 | second
  }

  func uint32(at offset: Int) -> UInt32? {
    guard let first = uint16(at: offset), let second = uint16(at: offset + 2) else { return nil }
    return isLittleEndian
      ? UInt32(second) << 16 | UInt32(first) : UInt32(first) << 16 | UInt32(second)
  }

  /// The single BYTE, SHORT or LONG of a directory entry; some writers use the wrong one of them.
  func value(ofEntryAt entry: Int) -> UInt8? {
    guard let type = uint16(at: entry + 2), let count = uint32(at: entry + 4), count >= 1 else { return nil }
    let value: UInt32? =
      switch type {
      case 1: entry + 8 < bytes.count ? UInt32(bytes[entry + 8]) : nil
      case 3: uint16(at: entry + 8).map(UInt32.init)
      case 4: uint32(at: entry + 8)
      default: nil
      }
    return value.flatMap(UInt8.init(exactly:))
  }
}
