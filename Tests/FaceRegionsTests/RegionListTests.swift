import Foundation
import Imaging
import Support
import Testing

@testable import FaceRegions

/// The files of `Fixtures` are pictures of 37 × 23 pixels into which exiftool 12.57 wrote the same two faces, those with an
/// orientation by its `rotate_regions.config`.
@Suite("Faces that programs have marked in photos")
struct RegionListTests {
  private static let ada = FaceRegion(
    name: "Ada Lovelace", area: RelativeRect(x: 0.1, y: 0.2, width: 0.3, height: 0.2))
  private static let sarka = FaceRegion(
    name: "Šárka Ōe", area: RelativeRect(x: 0.6, y: 0.35, width: 0.2, height: 0.4))

  /// Both faces within a rounding of what the file has.
  private static func expectBoth(_ list: RegionList, _ location: SourceLocation = #_sourceLocation) {
    #expect(list.faces.map(\.name) == [ada.name, sarka.name], sourceLocation: location)
    for (face, expected) in zip(list.faces, [ada, sarka]) {
      let differences = [
        face.area.x - expected.area.x, face.area.y - expected.area.y, face.area.width - expected.area.width,
        face.area.height - expected.area.height,
      ]
      #expect(differences.allSatisfy { abs($0) < 1e-6 }, "\(face)", sourceLocation: location)
    }
  }

  @Test("places follow the turn of the photo", arguments: [1, 3, 6, 8])
  func turned(_ orientation: Int) throws {
    let file = "mwg-\(orientation).jpg"
    let header = try Fixture.header(file)
    #expect(Int(header.orientation.rawValue) == orientation)
    #expect(header.uprightSize == (orientation < 5 ? (37, 23) : (23, 37)))
    let list = try RegionList(ofPhoto: try Fixture.data(file), header: header)
    Self.expectBoth(list)
    #expect(list.incomplete == 0)
  }

  @Test(
    "regions are read from every format that has room for them; a pet is no face, and a face without a name is counted",
    arguments: [
      "png-rgb.png", "webp-lossy.webp", "webp-alpha.webp", "tiff-rgb.tif", "jp2.jp2", "jxl-container.jxl",
    ])
  func formats(_ name: String) throws {
    let file = "regions-\(name)"
    let list = try RegionList(ofPhoto: try Fixture.data(file), header: try Fixture.header(file))
    Self.expectBoth(list)
    #expect(list.incomplete == 1)
  }

  @Test(
    "what the library does not find in a file has no regions: such photos need a sidecar",
    arguments: ["gif.gif", "heic.heic"])
  func absent(_ name: String) throws {
    let file = "regions-\(name)"
    let list = try RegionList(ofPhoto: try Fixture.data(file), header: try Fixture.header(file))
    #expect(list.faces.isEmpty && list.incomplete == 0)
  }

  @Test("a sidecar has the form of the packet, and the turn of its photo")
  func sidecar() throws {
    let data = try Fixture.data("side.jpg.xmp")
    let list = try RegionList(ofSidecar: data, header: try Fixture.header("mwg-1.jpg"))
    Self.expectBoth(list)
    // The same packet beside a photo that has to be turned.
    let turned = try RegionList(ofSidecar: data, header: try Fixture.header("mwg-6.jpg"))
    #expect(turned.faces.map(\.area) == list.faces.map { $0.area.oriented(.right) })
  }

  @Test("Microsoft's form is read where there is no other")
  func microsoft() throws {
    let list = try RegionList(ofPhoto: try Fixture.data("mp-6.jpg"), header: try Fixture.header("mp-6.jpg"))
    #expect(list.faces.map(\.name) == ["Ada Lovelace"] && list.incomplete == 2)
    let area = try #require(list.faces.first?.area)
    let expected = RelativeRect(x: 0.2, y: 0.6, width: 0.2, height: 0.3).oriented(.right)
    #expect(abs(area.x - expected.x) + abs(area.y - expected.y) < 1e-9)
    // Stored: from the left 0.2 to 0.4, from the top 0.6 to 0.9; after a quarter turn clockwise:
    #expect(abs(area.x - 0.1) < 1e-9 && abs(area.y - 0.2) < 1e-9 && abs(area.width - 0.3) < 1e-9)
  }

  @Test("the place turns as the pixels do", arguments: ImageOrientation.allCases)
  func pixels(_ orientation: ImageOrientation) throws {
    let (width, height) = (20, 10)
    let area = RelativeRect(x: 0.1, y: 0.3, width: 0.4, height: 0.5)
    var bytes = [UInt8](repeating: 0, count: width * height * 3)
    for y in 3..<8 {
      for x in 2..<10 { for channel in 0..<3 { bytes[(y * width + x) * 3 + channel] = 255 } }
    }
    let image = try RGBImage(width: width, height: height, pixels: bytes).oriented(orientation)
    var lit = (left: Int.max, top: Int.max, right: 0, bottom: 0)
    for y in 0..<image.height {
      for x in 0..<image.width where image.pixels[(y * image.width + x) * 3] == 255 {
        lit = (min(lit.left, x), min(lit.top, y), max(lit.right, x + 1), max(lit.bottom, y + 1))
      }
    }
    let turned = area.oriented(orientation)
    let (w, h) = (Double(image.width), Double(image.height))
    let expected = [Double(lit.left) / w, Double(lit.top) / h, Double(lit.right) / w, Double(lit.bottom) / h]
    let found = [turned.x, turned.y, turned.x + turned.width, turned.y + turned.height]
    #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-9 }, "\(expected) \(found)")
    let back = turned.stored(orientation)
    #expect(abs(back.x - area.x) + abs(back.y - area.y) + abs(back.width - area.width) < 1e-9)
  }

  /// A packet with one region, from the values of its members.
  private static func packet(_ members: [String: String], dimensions: String = "") -> Data {
    func elements(_ prefix: String) -> String {
      members.filter { $0.key.hasPrefix(prefix) }.map { "<\($0.key)>\($0.value)</\($0.key)>" }.sorted()
        .joined()
    }
    return Data(
      """
      <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
      <rdf:Description rdf:about='' xmlns:r='http://www.metadataworkinggroup.com/schemas/regions/'
       xmlns:a='http://ns.adobe.com/xmp/sType/Area#' xmlns:d='http://ns.adobe.com/xap/1.0/sType/Dimensions#'>
      <r:Regions rdf:parseType='Resource'>\(dimensions)<r:RegionList><rdf:Bag><rdf:li rdf:parseType='Resource'>
      <r:Area rdf:parseType='Resource'>\(elements("a:"))</r:Area>\(elements("r:"))
      </rdf:li></rdf:Bag></r:RegionList></r:Regions></rdf:Description></rdf:RDF></x:xmpmeta>
      """.utf8)
  }

  private static let whole = ["a:x": "0.5", "a:y": "0.5", "a:w": "0.5", "a:h": "0.5", "r:Name": "Ada"]

  @Test("other prefixes, no type and no unit are all right; a face that sticks out is, too")
  func lenient() throws {
    let header = try Fixture.header("mwg-1.jpg")
    let list = try RegionList(ofSidecar: Self.packet(Self.whole), header: header)
    #expect(
      list.faces == [FaceRegion(name: "Ada", area: RelativeRect(x: 0.25, y: 0.25, width: 0.5, height: 0.5))])
    let outside = try RegionList(
      ofSidecar: Self.packet(Self.whole.merging(["a:x": "0.9", "r:Name": "  Ada\n"]) { $1 }), header: header)
    #expect(outside.faces.map(\.name) == ["Ada"])
  }

  @Test("pixels are told by the size that they are of")
  func pixelUnit() throws {
    let members = ["a:x": "500", "a:y": "250", "a:w": "100", "a:h": "50", "a:unit": "pixel", "r:Name": "Ada"]
    let size =
      "<r:AppliedToDimensions rdf:parseType='Resource'><d:w>1000</d:w><d:h>500</d:h></r:AppliedToDimensions>"
    let list = try RegionList(
      ofSidecar: Self.packet(members, dimensions: size), header: try Fixture.header("mwg-1.jpg"))
    #expect(list.faces.map(\.area) == [RelativeRect(x: 0.45, y: 0.45, width: 0.1, height: 0.1)])
    let without = try RegionList(ofSidecar: Self.packet(members), header: try Fixture.header("mwg-1.jpg"))
    #expect(without.faces.isEmpty && without.incomplete == 1)
  }

  @Test(
    "a region without sense is counted, never taken",
    arguments: [
      ["a:x": "nan"], ["a:w": "0"], ["a:w": "-0.2"], ["a:h": "inf"], ["a:x": "7"], ["a:w": "1e300"],
      ["a:y": ""],
      ["a:x": "0,5"], ["r:Name": "  "],
    ] as [[String: String]])
  func senseless(_ change: [String: String]) throws {
    let list = try RegionList(
      ofSidecar: Self.packet(Self.whole.merging(change) { $1 }), header: try Fixture.header("mwg-1.jpg"))
    #expect(list.faces.isEmpty && list.incomplete == 1)
  }

  @Test("a file that is none gives an error, or nothing")
  func damaged() throws {
    let header = try Fixture.header("mwg-1.jpg")
    for text in ["", "no XML", "<a/>", "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"] {
      let list = try? RegionList(ofSidecar: Data(text.utf8), header: header)
      #expect(list?.faces.isEmpty ?? true)
    }
    // Every cut and many flips of a file: whatever comes of it, nothing crashes, and no place is absurd.
    var random = SplitMix64(7)
    for name in [
      "mwg-1.jpg", "side.jpg.xmp", "regions-tiff-rgb.tif", "regions-png-rgb.png", "regions-heic.heic",
    ] {
      let data = try Fixture.data(name)
      for number in 0..<300 {
        var other = number < 50 ? data.prefix(data.count * number / 50) : data
        if number >= 50 {
          other[Int.random(in: 0..<data.count, using: &random)] = .random(in: 0...255, using: &random)
        }
        let bytes = Data(other)
        let list =
          name.hasSuffix("xmp")
          ? try? RegionList(ofSidecar: bytes, header: header)
          : try? RegionList(ofPhoto: bytes, header: header)
        #expect(list?.faces.allSatisfy(\.area.isPlausible) ?? true)
      }
    }
  }
}
