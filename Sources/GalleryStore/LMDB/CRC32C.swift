/// CRC-32C (Castagnoli, reflected, as iSCSI and ext4 use it): the checksum of records.
///
/// Every change within 32 neighbouring bits is found, others with probability 1 − 2⁻³².
enum CRC32C {
  /// Eight tables of 256 entries: what a byte adds that is followed by 0…7 others.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var value = UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 0 ? value >> 1 : value >> 1 ^ 0x82F6_3B78 }
      tables[byte] = value
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  /// The checksum of some bytes; 0 for none.
  static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var sum = UInt32.max
    tables.withUnsafeBufferPointer { tables in
      func entry(_ table: Int, _ value: UInt64) -> UInt32 { tables[table << 8 | Int(value & 0xFF)] }
      var offset = 0
      while offset + 8 <= bytes.count {
        let word =
          UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(sum)
        let low = entry(7, word) ^ entry(6, word >> 8) ^ entry(5, word >> 16) ^ entry(4, word >> 24)
        let high = entry(3, word >> 32) ^ entry(2, word >> 40) ^ entry(1, word >> 48) ^ entry(0, word >> 56)
        sum = low ^ high
        offset += 8
      }
      while offset < bytes.count {
        sum = sum >> 8 ^ entry(0, UInt64(sum) ^ UInt64(bytes[offset]))
        offset += 1
      }
    }
    return ~sum
  }

  /// The checksum of some bytes.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.withContiguousStorageIfAvailable { of(UnsafeRawBufferPointer($0)) }
      ?? Array(bytes).withUnsafeBytes { of($0) }
  }
}
