/// Windows icons: the largest picture in the file, PNG or bitmap, the deepest of that size.
struct ICODecoder: PictureDecoder {
  private var content: any PictureDecoder

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard let count = bytes.little(2, at: 4), bytes.count >= 6 + count * 16 else { throw .truncated("icon") }
    func rank(_ entry: Int) -> Int {
      // Sides are bytes, of which 0 means 256; depths are below 2^16.
      let sides = (0..<2).map { bytes[entry + $0] == 0 ? 256 : Int(bytes[entry + $0]) }
      return sides[0] * sides[1] << 16 + (bytes.little(2, at: entry + 6) ?? 0)
    }
    guard let best = (0..<count).map({ 6 + $0 * 16 }).max(by: { rank($0) < rank($1) }),
      let size = bytes.little(4, at: best + 8), let start = bytes.little(4, at: best + 12)
    else { throw .damaged("icon", " (it has no pictures)") }
    guard size > 0, start <= bytes.count - size else { throw .truncated("icon") }
    let picture = UnsafeBufferPointer(rebasing: bytes[start..<start + size])
    let isPNG = picture.big(4, at: 0) == 0x8950_4E47
    content = isPNG ? try PNGDecoder(picture) : try Icon(picture)
  }

  var width: Int { content.width }
  var height: Int { content.height }

  mutating func decode(reduction: Int) throws(ImageError) -> RGBImage { try content.decode(reduction: 1) }

  /// A bitmap without its file's header, followed by a mask.
  private struct Icon: PictureDecoder {
    let bitmap: DeviceIndependentBitmap

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
      bitmap = try DeviceIndependentBitmap(bytes, header: 0, pixels: nil, format: "icon")
    }

    var width: Int { bitmap.width }
    var height: Int { bitmap.height }

    func decode(reduction: Int) throws(ImageError) -> RGBImage { try bitmap.decode() }
  }
}
