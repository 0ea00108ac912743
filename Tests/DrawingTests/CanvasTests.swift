import Imaging
import Testing

@testable import Drawing

@Suite("A canvas")
struct CanvasTests {
  @Test("returns the picture it was made from")
  func roundTrip() throws {
    var image = RGBImage(width: 7, height: 5, red: 10, green: 20, blue: 30)
    image[3, 2] = (200, 100, 50)
    let canvas = try Canvas(image)
    #expect(try canvas.image() == image)
  }

  @Test("fills exactly the pixels of a rectangle")
  func rectangle() throws {
    let canvas = try Canvas(width: 8, height: 8)
    canvas.fill(Rectangle(x: 2, y: 3, width: 2, height: 1), Color(hex: 0x336699))
    let image = try canvas.image()
    for y in 0..<8 {
      for x in 0..<8 {
        let inside = y == 3 && (x == 2 || x == 3)
        #expect(image[x, y] == (inside ? (0x33, 0x66, 0x99) : (255, 255, 255)))
      }
    }
  }

  @Test("refuses absurd sizes", arguments: [(0, 10), (10, -1), (40_000, 10), (Int.max, Int.max)])
  func size(width: Int, height: Int) {
    let bitmap = #expect(throws: DrawingError.self) { _ = try Canvas(width: width, height: height).image() }
    #expect(bitmap?.code == .size)
    let vector = #expect(throws: DrawingError.self) { _ = try Canvas(svgWidth: width, height: height).svg() }
    #expect(vector?.code == .size)
  }

  @Test("measures text: longer is wider, larger is higher, control characters are escaped")
  func extents() throws {
    let canvas = try Canvas(width: 10, height: 10)
    let font = Font(size: 20)
    let short = canvas.extents(of: "Ada", font)
    let long = canvas.extents(of: "Ada Lovelace Ångström Δ", font)
    #expect(long.width > 3 * short.width)
    #expect(canvas.extents(of: "Ada", Font(size: 40)).height > 1.8 * short.height)
    #expect(
      canvas.extents(of: "A\u{0}d\u{202E}a", font).width == canvas.extents(of: "A\\x00d\\u202Ea", font).width)
    #expect(canvas.extents(of: "", font).width == 0)
  }

  @Test("measures as wide as it writes, where the letters go")
  func ink() throws {
    let canvas = try Canvas(width: 200, height: 60)
    let font = Font(size: 30)
    let extents = canvas.extents(of: "Ключ", font)
    canvas.text("Ключ", at: CanvasPoint(20, 40), font, .black)
    let box = try inkBox(of: canvas.image())
    #expect(box.minX >= 18 && box.maxX <= 22 + Int(extents.width))
    #expect(Double(box.maxX - box.minX) > extents.width * 0.8)
    #expect(Double(box.minY) >= 40 - extents.ascent && Double(box.maxY) <= 40 + extents.descent)
  }

  /// Glyphs of DejaVu Sans 2.37 by HarfBuzz: `hb-shape --no-positions --no-clusters --no-glyph-names DejaVuSans.ttf TEXT`, words of two
  /// directions each by itself.
  @Test(
    "joins and orders letters as their scripts are written",
    arguments: [
      ("Åsa", [135, 86, 68]),
      ("שלום", [1332, 1324, 1331, 1344]),
      ("سلام", [1390, 5366, 5293]),
      ("Ada سلام", [36, 71, 68, 3, 1390, 5366, 5293]),
    ] as [(String, [UInt32])])
  func shaping(text: String, glyphs: [UInt32]) throws {
    let canvas = try Canvas(width: 200, height: 60)
    let line = TextLine(text, Font(size: 30), on: canvas.context)
    #expect(line.glyphs == glyphs)
    // The three joined forms take less room than the four letters by themselves.
    let alone = text.map { TextLine(String($0), Font(size: 30), on: canvas.context).extents.width }
    let isJoined = text.contains("س")
    #expect((line.extents.width < alone.reduce(0, +) - 5) == isJoined)
    canvas.text(text, at: CanvasPoint(20, 40), Font(size: 30), .black)
    let box = try inkBox(of: canvas.image())
    #expect(box.minX >= 18 && box.maxX <= 22 + Int(line.extents.width))
  }

  @Test(
    "what DejaVu Sans has no glyph for takes room, whichever fonts are there", arguments: ["कि", "美", "👩‍👩‍👧"])
  func otherFonts(text: String) throws {
    let canvas = try Canvas(width: 200, height: 60)
    let line = TextLine(text, Font(size: 30), on: canvas.context)
    #expect(!line.glyphs.isEmpty && line.extents.width > 5 && line.extents.ascent > 0)
    canvas.text(text, at: CanvasPoint(20, 40), Font(size: 30), .black)
    let box = try inkBox(of: canvas.image())
    #expect(box.minX >= 10 && box.maxX < 200)
  }

  @Test("cuts text to a width, whole characters at a time", arguments: [0.0, 5, 30, 60, 1000])
  func truncation(width: Double) throws {
    let canvas = try Canvas(width: 10, height: 10)
    let font = Font(size: 12)
    let text = "Zoë 👩‍👩‍👧 Müller-Lüdenscheidt"
    let cut = canvas.truncated(text, to: width, font)
    if width == 1000 {
      #expect(cut == text)
    } else {
      #expect(cut.hasSuffix("…") && text.hasPrefix(cut.dropLast()))
      #expect(cut == "…" || canvas.extents(of: cut, font).width <= width)
    }
    let inMiddle = canvas.truncated(text, to: width, font, isEndKept: true)
    let parts = inMiddle.split(separator: "…", omittingEmptySubsequences: false)
    if width == 1000 {
      #expect(inMiddle == text)
    } else {
      #expect(parts.count == 2 && text.hasPrefix(parts[0]) && text.hasSuffix(parts[1]))
      #expect(inMiddle == "…" || canvas.extents(of: inMiddle, font).width <= width)
      #expect(width < 30 || (!parts[0].isEmpty && parts[1].count >= parts[0].count))
    }
  }

  @Test("scales a picture into a frame and nowhere else")
  func scaled() throws {
    let canvas = try Canvas(width: 20, height: 20)
    try canvas.draw(
      RGBImage(width: 50, height: 50, red: 0, green: 0, blue: 200),
      in: Rectangle(x: 5, y: 5, width: 10, height: 10))
    let image = try canvas.image()
    #expect(image[5, 5] == (0, 0, 200) && image[14, 14] == (0, 0, 200))
    #expect(image[4, 10] == (255, 255, 255) && image[15, 10] == (255, 255, 255))
  }

  @Test("becomes a PNG or an SVG, and neither when asked for the other")
  func formats() throws {
    let png = try Canvas(width: 3, height: 3).png()
    #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    let svg = try Canvas(svgWidth: 30, height: 20).svg()
    let text = String(decoding: svg, as: UTF8.self)
    #expect(text.contains("<svg") && text.contains("</svg>"))
    #expect(throws: DrawingError.self) { _ = try Canvas(width: 3, height: 3).svg() }
    #expect(throws: DrawingError.self) { _ = try Canvas(svgWidth: 3, height: 3).image() }
  }
}

/// The pixels that are not white.
func inkBox(of image: RGBImage) -> (minX: Int, minY: Int, maxX: Int, maxY: Int) {
  var box = (minX: Int.max, minY: Int.max, maxX: -1, maxY: -1)
  for y in 0..<image.height {
    for x in 0..<image.width where image[x, y] != (255, 255, 255) {
      box = (min(box.minX, x), min(box.minY, y), max(box.maxX, x), max(box.maxY, y))
    }
  }
  return box
}
