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

  private static func data(_ name: String) throws -> Data {
    try Data(contentsOf: #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)))
  }

  private static func header(_ name: String) throws -> ImageHeader {
    try #require(ImageDecoder.header(of: try data(name)))
  }

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
    let header = try Self.header("mwg-\(orientation).jpg")
    let faces = [Self.ada, Self.grace]
    let sidecar = try #require(try RegionMarking.sidecar(nil, marking: faces, header: header))
    Self.expect(try RegionList(ofSidecar: sidecar, header: header), faces)
    #expect(try RegionMarking.sidecar(sidecar, marking: faces, header: header) == nil)
  }

  @Test(
    "a photo that is marked has the same pixels, and everything else that it had",
    arguments: [
      "mwg-6.jpg", "regions-png-rgb.png", "regions-webp-lossy.webp", "regions-webp-alpha.webp",
      "regions-tiff-rgb.tif",
    ])
  func photo(_ name: String) throws {
    let (before, header) = (try Self.data(name), try Self.header(name))
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
    let (before, header) = (try Self.data("mwg-1.jpg"), try Self.header("mwg-1.jpg"))
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
    for name in ["regions-gif.gif", "regions-heic.heic"] {
      let header = try Self.header(name)
      let error = try #require(throws: FaceRegionError.self) {
        try RegionMarking.photo(try Self.data(name), marking: [Self.ada, Self.grace], header: header)
      }
      #expect(error.code == .unsupported, "\(name): \(error)")
    }
    let error = try #require(throws: FaceRegionError.self) {
      try RegionMarking.sidecar(
        Data("no XML".utf8), marking: [Self.ada], header: try Self.header("mwg-1.jpg"))
    }
    #expect(error.code == .unreadable)
  }

  @Test("many threads at once")
  func threads() throws {
    let header = try Self.header("mwg-1.jpg")
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
