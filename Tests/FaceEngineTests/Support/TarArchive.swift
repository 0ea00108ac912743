import Foundation

/// The files of an uncompressed tar archive (POSIX ustar), read in place.
struct TarArchive {
  private let data: Data
  private var ranges: [String: Range<Int>] = [:]

  init(_ url: URL) throws {
    data = try Data(contentsOf: url, options: .alwaysMapped)
    var position = 0
    while position + 512 <= data.count, data[position] != 0 {
      let size = Int(text(position + 124, 12), radix: 8) ?? 0
      let start = position + 512
      if data[position + 156] == UInt8(ascii: "0") || data[position + 156] == 0 {
        ranges[text(position, 100)] = start..<start + size
      }
      position = start + (size + 511) / 512 * 512
    }
  }

  /// The files' names in order.
  var names: [String] { ranges.keys.sorted() }

  subscript(name: String) -> [UInt8]? { ranges[name].map { [UInt8](data[$0]) } }

  private func text(_ offset: Int, _ length: Int) -> String {
    String(decoding: data[offset..<offset + length].prefix { $0 != 0 && $0 != 32 }, as: UTF8.self)
  }
}
