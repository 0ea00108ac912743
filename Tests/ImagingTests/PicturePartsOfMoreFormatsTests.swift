import Foundation
import Imaging
import Testing

@Suite("The parts of TIFF, GIF, JPEG 2000 and JPEG XL files that make their pictures")
struct PicturePartsOfMoreFormatsTests {
  /// The bytes of the parts, one after the other; nil where the file is one part.
  private func content(_ bytes: [UInt8]) -> [UInt8]? {
    PictureParts(of: Data(bytes)).map { $0.ranges.flatMap { bytes[$0] } }
  }

  private static func names(_ endings: String...) -> [String] {
    Fixture.names.filter { name in endings.contains { name.hasSuffix($0) } }
  }

  @Test("every file of these formats that is read has parts, and they are its own")
  func all() throws {
    var seen: [[UInt8]: String] = [:]
    for name in Self.names(".tif", ".gif", ".jp2", ".j2k", ".jxl") {
      let bytes = try Fixture.bytes(name)
      let parts = try #require(PictureParts(of: Data(bytes)), "\(name)")
      let content = try #require(self.content(bytes)) + [parts.orientation.rawValue]
      #expect(content.count > 20 && content.count <= bytes.count + 1, "\(name)")
      if let other = seen.updateValue(name, forKey: content) {
        // The same code stream, bare and in a container, is the same picture; so is the same first page.
        #expect(
          [["jxl-container.jxl", "jxl.jxl"], ["tiff-pages.tif", "tiff-rgb.tif"]].contains(
            [name, other].sorted()))
      }
    }
    #expect(seen.count > 40)
  }

  @Test("a change of the last byte of the picture is seen", arguments: names(".tif", ".gif", ".jp2", ".jxl"))
  func pixels(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let content = try #require(self.content(bytes))
    var changed = bytes
    // A GIF's last byte ends its blocks.
    let last = try #require(PictureParts(of: Data(bytes))?.ranges.last).upperBound
    changed[last - (name.hasSuffix("gif") ? 2 : 1)] ^= 1
    #expect(self.content(changed) != content)
  }

  @Test("the orientation of a TIFF file is told beside them", arguments: 2...8)
  func orientation(value: Int) throws {
    let parts = try #require(PictureParts(of: Data(try Fixture.bytes("tiff-turned-\(value).tif"))))
    #expect(parts.orientation.rawValue == UInt8(value))
  }

  // MARK: TIFF

  /// A TIFF file of 4 × 2 grey pixels in two strips, with a directory as told.
  private struct TIFF {
    var isBig = false
    var isLittle = true
    /// Bytes before the first directory and between the others.
    var gap = 0
    /// Tags beside those of the picture: tag, type, values.
    var more: [(tag: Int, type: Int, values: [Int])] = []
    /// Tags that take the place of those of the picture.
    var instead: [Int: (type: Int, values: [Int])] = [:]
    var without: Set<Int> = []
    var pixels: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    /// Pages before this one: small ones with this tag 254.
    var pagesBefore: [Int] = []

    private func number(_ value: Int, _ size: Int) -> [UInt8] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittle ? bytes : bytes.reversed()
    }

    private var width: Int { isBig ? 8 : 4 }
    private static let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 16: 8]

    var bytes: [UInt8] {
      var file: [UInt8] = isLittle ? [0x49, 0x49] : [0x4D, 0x4D]
      file += number(isBig ? 43 : 42, 2)
      if isBig { file += number(8, 2) + number(0, 2) }
      var link = file.count
      file += number(0, width)
      for kind in pagesBefore + [nil as Int?] {
        file += [UInt8](repeating: 0xEE, count: gap)
        let start = file.count
        let data = kind == nil ? pixels : [9, 9]
        file += data
        var tags: [Int: (type: Int, values: [Int])] = [
          256: (3, [4]), 257: (3, [2]), 258: (3, [8]), 259: (3, [1]), 262: (3, [1]), 277: (3, [1]),
          278: (3, [1]),
          273: (4, [start, start + data.count / 2]), 279: (4, [data.count / 2, data.count / 2]),
        ]
        if let kind {
          tags[254] = (4, [kind])
        } else {
          for tag in more { tags[tag.tag] = (tag.type, tag.values) }
          tags.merge(instead) { $1 }
          for tag in without { tags[tag] = nil }
        }
        var entries: [UInt8] = []
        for (tag, value) in tags.sorted(by: { $0.key < $1.key }) {
          let values = value.values.flatMap { number($0, Self.sizes[value.type] ?? 1) }
          var field = values + [UInt8](repeating: 0, count: max(0, width - values.count))
          if values.count > width {
            field = number(file.count, width)
            file += values
          }
          entries += number(tag, 2) + number(value.type, 2) + number(value.values.count, width) + field
        }
        file.replaceSubrange(link..<link + width, with: number(file.count, width))
        file += number(tags.count, isBig ? 8 : 2) + entries
        link = file.count
        file += number(0, width)
      }
      return file
    }
  }

  @Test(
    "a TIFF file may be laid out in another way, with more tags", arguments: [false, true], [false, true])
  func tiff(isBig: Bool, isLittle: Bool) throws {
    let plain = TIFF(isBig: isBig, isLittle: isLittle)
    let content = try #require(self.content(plain.bytes))
    #expect(content.suffix(8) == [1, 2, 3, 4, 5, 6, 7, 8])
    var moved = plain
    moved.gap = 6
    // Title, software, date, XMP, IPTC, rating.
    moved.more = [
      (270, 2, Array("a title".utf8).map(Int.init)), (305, 2, [65, 0]),
      (306, 2, [Int](repeating: 48, count: 20)),
      (700, 1, [Int](repeating: 60, count: 300)), (33_723, 7, [28, 2, 0, 0, 1]), (18_246, 3, [5]),
    ]
    #expect(self.content(moved.bytes) == content)
    #expect(try ImageDecoder().decode(moved.bytes) == ImageDecoder().decode(plain.bytes))
    // A preview that is put before the picture is passed over, as it is when the picture is read.
    moved.pagesBefore = [1, 5]
    #expect(self.content(moved.bytes) == content)
    moved.pagesBefore = [0]
    #expect(self.content(moved.bytes) != content)
    moved = plain
    moved.more = [(274, 3, [8])]
    #expect(self.content(moved.bytes) == content)
    #expect(PictureParts(of: Data(moved.bytes))?.orientation == .left)
    moved.more = [(274, 3, [9])]
    #expect(PictureParts(of: Data(moved.bytes))?.orientation == .up)
  }

  @Test("what says how pixels are stored is of the picture")
  func tiffLayout() throws {
    let content = try #require(self.content(TIFF().bytes))
    for (tag, value) in [(256, 2), (257, 1), (258, 4), (259, 5), (262, 0), (277, 2), (278, 2), (317, 2)] {
      #expect(self.content(TIFF(instead: [tag: (3, [value])]).bytes) != content, "tag \(tag)")
    }
    #expect(self.content(TIFF(pixels: [1, 2, 3, 4, 5, 6, 7, 9]).bytes) != content)
  }

  @Test("a TIFF file that cannot be taken apart is one part", arguments: [false, true])
  func tiffNonsense(isBig: Bool) throws {
    let plain = TIFF(isBig: isBig)
    #expect(content(plain.bytes) != nil)
    func isWhole(_ change: (inout TIFF) -> Void) -> Bool {
      var changed = plain
      change(&changed)
      return PictureParts(of: Data(changed.bytes)) == nil
    }
    let most = isBig ? Int.max : 0xFFFF_FFFF
    let number = isBig ? 16 : 4
    for tag in [256, 257, 273, 279] { #expect(isWhole { $0.without = [tag] }, "without \(tag)") }
    for starts in [[most, 8], [8, most], [8], [8, 9, 10], []] {
      #expect(isWhole { $0.instead[273] = (number, starts) }, "\(starts)")
    }
    for lengths in [[most, 1], [1, most], [most, most], [0, 0]] {
      #expect(isWhole { $0.instead[279] = (number, lengths) }, "\(lengths)")
    }
    // Numbers of no known type, and both strips and tiles.
    #expect(isWhole { $0.instead[273] = (99, [8, 8]) })
    #expect(isWhole { $0.instead[320] = (99, [8, 8]) })
    #expect(isWhole { $0.more = [(324, 4, [8]), (325, 4, [2])] })
    #expect(isWhole { $0.instead[256] = (3, [0]) })
    // JPEG as TIFF 6.0 first had it.
    #expect(isWhole { $0.instead[259] = (3, [6]) })
    #expect(isWhole { $0.more = [(254, 4, [1])] })
    #expect(isWhole { $0.pagesBefore = [Int](repeating: 1, count: 400) })
  }

  @Test("strips that lie on each other do not make a small file a large one")
  func tiffOverlap() {
    let start = 8
    var file = TIFF()
    file.instead = [
      273: (4, [Int](repeating: start, count: 5_000)), 279: (4, [Int](repeating: 4_000, count: 5_000)),
    ]
    #expect(PictureParts(of: Data(file.bytes)) == nil)
  }

  @Test("directories that lead to each other end", arguments: [false, true])
  func tiffLoop(isBig: Bool) throws {
    var bytes = TIFF(isBig: isBig, pagesBefore: [1]).bytes
    let place = isBig ? 8 : 4
    // The preview's directory: its link to the next is made one to itself.
    func little(_ size: Int, _ place: Int) -> Int {
      (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
    }
    let directory = little(place, place)
    let count = little(isBig ? 8 : 2, directory)
    let link = directory + (isBig ? 8 : 2) + count * (isBig ? 20 : 12)
    for index in 0..<place { bytes[link + index] = UInt8(truncatingIfNeeded: directory >> (8 * index)) }
    #expect(PictureParts(of: Data(bytes)) == nil)
    for index in 0..<place { bytes[link + index] = index == 7 ? 0x7F : 0xFF }
    #expect(PictureParts(of: Data(bytes)) == nil)
    for index in 0..<place { bytes[place + index] = index == 7 ? 0x7F : 0xFF }
    #expect(PictureParts(of: Data(bytes)) == nil)
  }

  // MARK: GIF

  @Test("comments and blocks of programs in a GIF file are none of them", arguments: names(".gif"))
  func gif(name: String) throws {
    let bytes = try Fixture.bytes(name)
    let content = try #require(self.content(bytes))
    let comment: [UInt8] = [0x21, 0xFE, 5] + Array("Hello".utf8) + [0]
    let program: [UInt8] = [0x21, 0xFF, 11] + Array("XMP DataXMP".utf8) + [3] + Array("<a>".utf8) + [0]
    let marked = bytes.dropLast() + comment + program + [0x3B]
    #expect(bytes.last == 0x3B)
    #expect(self.content(Array(marked)) == content)
    let palette = bytes[10] & 0x80 == 0 ? 0 : 3 << (Int(bytes[10] & 7) + 1)
    var early = bytes
    early.insert(contentsOf: comment + program, at: 13 + palette)
    early[4] = early[4] == 0x37 ? 0x39 : 0x37
    #expect(self.content(early) == content)
    #expect(try ImageDecoder().decode(early) == ImageDecoder().decode(bytes))
    // Without its end, or any frame, it is not taken apart.
    #expect(self.content(bytes.dropLast()) == nil)
    #expect(self.content(bytes[..<(13 + palette)] + [0x3B]) == nil)
  }

  // MARK: JPEG 2000 and JPEG XL

  private func box(_ type: String, _ content: [UInt8], size: Int? = nil) -> [UInt8] {
    let size = size ?? content.count + 8
    return (0..<4).reversed().map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + Array(type.utf8) + content
  }

  @Test(
    "boxes of programs are none of them",
    arguments: names(".jp2") + ["jxl-container.jxl", "jxl-animated.jxl"])
  func boxes(name: String) throws {
    let original = try Fixture.bytes(name)
    // A file that is bare, in its container.
    let bytes =
      name == "jxl-animated.jxl" && original[0] != 0
      ? Self.container + box("jxlc", original) : original
    let content = try #require(self.content(bytes))
    #expect(try content == #require(self.content(original)))
    let added =
      box("uuid", [UInt8](repeating: 7, count: 40)) + box("xml ", Array("<x/>".utf8))
      + box("Exif", [0, 0, 0, 0])
    #expect(self.content(bytes + added) == content)
    // Behind the box "ftyp".
    var early = bytes
    early.insert(contentsOf: added, at: 32)
    #expect(self.content(early) == content)
    #expect(self.content(bytes + [0, 0, 0, 99] + Array("free".utf8)) == nil)
  }

  private static let container: [UInt8] =
    [0, 0, 0, 12] + Array("JXL ".utf8) + [0x0D, 0x0A, 0x87, 0x0A] + [0, 0, 0, 20] + Array("ftypjxl ".utf8)
    + [0, 0, 0, 0] + Array("jxl ".utf8)

  @Test("a code stream of JPEG XL in pieces is that in one")
  func pieces() throws {
    let stream = try Fixture.bytes("jxl.jxl")
    let one = Self.container + box("jxlc", stream)
    let parts = (Array(stream[..<50]), Array(stream[50..<51]), Array(stream[51...]))
    func pieces(_ numbers: UInt8..., last: Int) -> [UInt8] {
      let contents = [parts.0, parts.1, parts.2]
      return Self.container
        + numbers.enumerated().flatMap { place, number in
          box("xml ", [32]) + box("jxlp", [place == last ? 0x80 : 0, 0, 0, number] + contents[place])
        }
    }
    let several = pieces(0, 1, 2, last: 2)
    #expect(content(several) == stream)
    #expect(content(one) == stream)
    #expect(content(stream) == stream)
    #expect(try ImageDecoder().decode(several) == ImageDecoder().decode(one))
    // Cut off, out of order, with more behind the last, both kinds, or none.
    #expect(content(pieces(0, 1, last: 2)) == nil)
    #expect(content(pieces(0, 2, 1, last: 2)) == nil)
    #expect(content(pieces(0, 1, 2, last: 1)) == nil)
    #expect(content(several + box("jxlc", stream)) == nil)
    #expect(content(one + box("jxlc", stream)) == nil)
    #expect(content(Self.container + box("jxlp", [0x80])) == nil)
    #expect(content(Self.container) == nil)
  }

  @Test("of JP2 the header and the first code stream count")
  func streams() throws {
    let bytes = try Fixture.bytes("jp2.jp2")
    let content = try #require(self.content(bytes))
    #expect(self.content(bytes + box("jp2c", [1, 2, 3])) == content)
    // Colours: the last byte of the box "colr", which ends the header.
    let place = try #require(Data(bytes).firstRange(of: Data("jp2c".utf8))).lowerBound - 5
    var changed = bytes
    changed[place] ^= 1
    #expect(self.content(changed) != content)
    // The print resolution is no part of the picture, a header without a picture none.
    let resolution = box("res ", box("resd", [UInt8](repeating: 1, count: 10)))
    var printed = bytes
    printed.insert(contentsOf: resolution, at: place + 1)
    let header = try #require(Data(bytes).firstRange(of: Data("jp2h".utf8))).lowerBound
    printed[header - 1] += UInt8(resolution.count)
    #expect(self.content(printed) == content)
    #expect(self.content(Array(bytes[...place])) == nil)
  }
}
