import Foundation
import Imaging
import Synchronization
import Testing

@testable import FaceRegions

@Suite("Marking faces for other programs")
struct RegionMarkingTests {
  private static let ada = FaceRegion(
    name: "Ada Lovelace", area: RelativeRect(x: 0.1, y: 0.2, width: 0.3, height: 0.2))
  private static let grace = FaceRegion(
    name: "Grace <Hopper> & \"Co\"", area: RelativeRect(x: 0.6, y: 0.35, width: 0.2, height: 0.4))

  private static func expect(
    _ list: RegionList, _ faces: [FaceRegion], _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(list.faces.map(\.name) == faces.map(\.name), sourceLocation: location)
    for (found, face) in zip(list.faces, faces) {
      let difference =
        abs(found.area.x - face.area.x) + abs(found.area.y - face.area.y)
        + abs(found.area.width - face.area.width) + abs(found.area.height - face.area.height)
      #expect(difference < 1e-5, "\(found)", sourceLocation: location)
    }
  }

  @Test("a new sidecar is read as it was written, whatever the turn of the photo", arguments: [1, 3, 6, 8])
  func sidecar(_ orientation: Int) throws {
    let header = try Fixture.header("mwg-\(orientation).jpg")
    let faces = [Self.ada, Self.grace]
    let sidecar = try #require(try RegionMarking.sidecar(nil, marking: faces, header: header))
    Self.expect(try RegionList(ofSidecar: sidecar, header: header), faces)
    #expect(try RegionMarking.sidecar(sidecar, marking: faces, header: header) == nil)
  }

  @Test(
    "a photo that is marked has the same pixels, and everything else that it had",
    arguments: [
      "mwg-6.jpg", "regions-webp-lossy.webp", "regions-webp-alpha.webp",
    ])
  func photo(_ name: String) throws {
    let (before, header) = (try Fixture.data(name), try Fixture.header(name))
    let new = FaceRegion(name: "Charles", area: RelativeRect(x: 0.05, y: 0.8, width: 0.1, height: 0.15))
    var there = try RegionList(ofPhoto: before, header: header).faces
    let after = try #require(try RegionMarking.photo(before, marking: [new], header: header))
    there.append(new)
    Self.expect(try RegionList(ofPhoto: after, header: header), there)
    #expect(try ImageDecoder().decode(Array(after)) == ImageDecoder().decode(Array(before)))
    // The pet is still there.
    let entries = MWGRegions(try XMPPacket(of: after, in: .photo)).entries
    #expect(entries.contains { $0.name == "Rex" && !$0.isFace } == name.hasPrefix("regions"))
    #expect(try RegionMarking.photo(after, marking: [new], header: header) == nil)
  }

  @Test("a mark that is there for a face gets its name, and keeps its place")
  func renamed() throws {
    let (before, header) = (try Fixture.data("mwg-1.jpg"), try Fixture.header("mwg-1.jpg"))
    var other = Self.ada
    other.name = "Augusta King"
    other.area.width += 0.05
    let after = try #require(try RegionMarking.photo(before, marking: [other], header: header))
    let faces = try RegionList(ofPhoto: after, header: header).faces
    #expect(faces.map(\.name) == ["Augusta King", "Šárka Ōe"])
    Self.expect(
      try RegionList(ofPhoto: after, header: header),
      [FaceRegion(name: other.name, area: Self.ada.area), faces[1]])
  }

  @Test("what cannot be written into is an error that says so")
  func unsupported() throws {
    for name in ["regions-gif.gif", "regions-heic.heic", "regions-png-rgb.png", "regions-tiff-rgb.tif"] {
      let header = try Fixture.header(name)
      let error = try #require(throws: FaceRegionError.self) {
        try RegionMarking.photo(try Fixture.data(name), marking: [Self.ada, Self.grace], header: header)
      }
      #expect(error.code == .unsupported, "\(name): \(error)")
    }
    let error = try #require(throws: FaceRegionError.self) {
      try RegionMarking.sidecar(
        Data("no XML".utf8), marking: [Self.ada], header: try Fixture.header("mwg-1.jpg"))
    }
    #expect(error.code == .unreadable)
  }

  @Test("a new list has the faces that were known without it, but for those that are marked anew")
  func others() throws {
    let header = try Fixture.header("mwg-1.jpg")
    var moved = Self.ada
    moved.name = "Another name of Ada's"
    moved.area.x += 0.02
    let sidecar = try #require(
      try RegionMarking.sidecar(nil, marking: [Self.ada], others: [moved, Self.grace], header: header))
    Self.expect(try RegionList(ofSidecar: sidecar, header: header), [Self.ada, Self.grace])
    // One that names faces already counts as it is.
    let other = FaceRegion(name: "Charles", area: RelativeRect(x: 0.05, y: 0.8, width: 0.1, height: 0.15))
    let third = FaceRegion(name: "Third", area: RelativeRect(x: 0.4, y: 0.05, width: 0.1, height: 0.1))
    let later = try #require(
      try RegionMarking.sidecar(sidecar, marking: [other], others: [third], header: header))
    Self.expect(try RegionList(ofSidecar: later, header: header), [Self.ada, Self.grace, other])
    // Microsoft's marks count only where there are no others.
    let photo = try Fixture.data("mp-6.jpg")
    let turned = try Fixture.header("mp-6.jpg")
    let known = try RegionList(ofPhoto: photo, header: turned).faces
    let after = try #require(try RegionMarking.photo(photo, marking: [other], others: known, header: turned))
    #expect(try RegionList(ofPhoto: after, header: turned).faces.map(\.name) == ["Charles", "Ada Lovelace"])
  }

  @Test(
    "a name is written as it is, or not at all",
    arguments: [
      "type=Foo Bob", "type=\"Bag\" Bob", "lang=x-default Bob", "Bob & <Ann>", "\u{FFFF}", "a\u{1}b",
    ])
  func names(_ name: String) throws {
    let header = try Fixture.header("mwg-1.jpg")
    let face = FaceRegion(name: name, area: Self.ada.area)
    guard let sidecar = try? RegionMarking.sidecar(nil, marking: [face], header: header) else {
      // XML has no such characters, and the library takes such a beginning for something else.
      #expect(name.unicodeScalars.contains { $0.value < 32 || $0.value == 0xFFFF } || name.hasPrefix("type="))
      return
    }
    Self.expect(try RegionList(ofSidecar: sidecar, header: header), [face])
  }

  @Test("a packet that calls something else by the usual prefix spoils no other")
  func prefixes() throws {
    let header = try Fixture.header("mwg-1.jpg")
    let hostile = Data(
      """
      <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
      <rdf:Description rdf:about='' xmlns:mwg-rs='http://example.com/mwg/' xmlns:stArea='http://example.com/area/'
       mwg-rs:Note='x'/></rdf:RDF></x:xmpmeta>
      """.utf8)
    #expect(try RegionList(ofSidecar: hostile, header: header).faces.isEmpty)
    let error = try #require(throws: FaceRegionError.self) {
      try RegionMarking.sidecar(hostile, marking: [Self.ada], header: header)
    }
    #expect(error.code == .unreadable)
    let sidecar = try #require(try RegionMarking.sidecar(nil, marking: [Self.ada], header: header))
    #expect(
      String(decoding: sidecar, as: UTF8.self).contains(
        "http://www.metadataworkinggroup.com/schemas/regions/"))
    let photo = try #require(
      try RegionMarking.photo(
        try Fixture.data("mp-6.jpg"), marking: [Self.ada], header: try Fixture.header("mp-6.jpg")))
    #expect(photo.range(of: Data("http://www.metadataworkinggroup.com/schemas/regions/".utf8)) != nil)
  }

  @Test("marks of a picture that was cut since are told, and none are added to them")
  func shape() throws {
    let header = try Fixture.header("mwg-1.jpg")
    let sidecar = try #require(try RegionMarking.sidecar(nil, marking: [Self.ada], header: header))
    #expect(try !RegionList(ofSidecar: sidecar, header: header).areOfAnotherShape)
    // The same sides turned are those of programs that turn the regions alone.
    #expect(try !RegionList(ofSidecar: sidecar, header: Fixture.header("mwg-6.jpg")).areOfAnotherShape)
    let cut = Data(
      String(decoding: sidecar, as: UTF8.self).replacing("stDim:w=\"37\"", with: "stDim:w=\"45\"").utf8)
    let list = try RegionList(ofSidecar: cut, header: header)
    #expect(list.areOfAnotherShape && list.faces.count == 1)
    #expect(throws: FaceRegionError.self) {
      try RegionMarking.sidecar(cut, marking: [Self.grace], header: header)
    }
  }

  @Test("many threads at once")
  func threads() throws {
    let header = try Fixture.header("mwg-1.jpg")
    let failures = Counter()
    DispatchQueue.concurrentPerform(iterations: 200) { number in
      let face = FaceRegion(name: "Person \(number)", area: Self.ada.area)
      let sidecar = try? RegionMarking.sidecar(nil, marking: [face], header: header)
      let list = sidecar.flatMap { try? RegionList(ofSidecar: $0, header: header) }
      if list?.faces.map(\.name) != [face.name] { failures.add() }
    }
    #expect(failures.value == 0)
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
  }
}
