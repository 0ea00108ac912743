public import Foundation
public import Imaging

/// The named faces that an XMP packet tells, in a photo's file or in a sidecar.
///
/// Two forms are read: that of the Metadata Working Group (`mwg-rs:Regions`: Lightroom, digiKam, Picasa, phones), and, where a packet has
/// no named face in it, Microsoft's (`MP:RegionInfo`: Windows Photo Gallery). Both give places in the picture as it is
/// stored, before it is turned upright. (Guidelines for Handling Image Metadata 2.0, 5.9.)
public struct RegionList: Sendable, Hashable {
  /// The named faces in the packet's order.
  public private(set) var faces: [FaceRegion] = []
  /// Faces that have no name, or no area.
  public private(set) var incomplete = 0
  /// Whether the marks tell of a picture of other proportions than the photo's: it was cut since, and they are in other places.
  public private(set) var areOfAnotherShape = false

  /// Reads the regions of a photo's file.
  ///
  /// - Parameters:
  ///   - photo: The file's bytes.
  ///   - header: What is known of the photo; see `ImageDecoder.header(of:)`.
  /// - Throws: ``FaceRegionError``.
  public init(ofPhoto photo: Data, header: ImageHeader) throws(FaceRegionError) {
    self.init(try XMPPacket(of: photo, in: .photo), header)
  }

  /// Reads the regions of a sidecar.
  ///
  /// - Parameters:
  ///   - sidecar: The file's bytes.
  ///   - header: What is known of the photo that it belongs to.
  /// - Throws: ``FaceRegionError``.
  public init(ofSidecar sidecar: Data, header: ImageHeader) throws(FaceRegionError) {
    self.init(try XMPPacket(of: sidecar, in: .sidecar), header)
  }

  init(_ packet: XMPPacket, _ header: ImageHeader) {
    let regions = MWGRegions(packet)
    for region in regions.entries where region.isFace {
      add(region.name, region.area(in: regions.dimensions)?.oriented(header.orientation))
    }
    if faces.isEmpty {
      let known = incomplete
      for region in MicrosoftRegions(packet).entries {
        add(region.name, region.area?.oriented(header.orientation))
      }
      // Programs that write both forms are not counted twice.
      incomplete = max(known, incomplete - known)
    } else {
      areOfAnotherShape = regions.areOfAnotherShape(than: header)
    }
  }

  private mutating func add(_ name: String?, _ area: RelativeRect?) {
    let name = name?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard !name.isEmpty, let area, area.isPlausible else {
      incomplete += 1
      return
    }
    faces.append(FaceRegion(name: name, area: area))
  }
}

/// The structure `mwg-rs:Regions` of a packet.
///
/// The keys below the first level have the prefixes that the file happens to use: members are known by their local names.
struct MWGRegions {
  /// The key of the structure.
  static let root = "Xmp.mwg-rs.Regions"

  /// One region.
  struct Entry {
    let number: Int
    /// Its members' values by their local names: `Area/x`.
    fileprivate(set) var values: [String: String] = [:]

    var name: String? { values["Name"] }

    /// Pets, focus points and barcodes are regions, too; what has no type is taken for a face.
    var isFace: Bool { values["Type"].map { $0.lowercased() == "face" } ?? true }

    /// The place in the stored picture: the specification gives the centre, and the size as parts of the sides.
    func area(in dimensions: (width: Double, height: Double)?) -> RelativeRect? {
      func number(_ key: String) -> Double? { values["Area/\(key)"].flatMap { Double($0) } }
      guard var x = number("x"), var y = number("y"), var width = number("w"), var height = number("h") else {
        return nil
      }
      if values["Area/unit"] == "pixel" {
        guard let dimensions else { return nil }
        (x, width) = (x / dimensions.width, width / dimensions.width)
        (y, height) = (y / dimensions.height, height / dimensions.height)
      }
      return RelativeRect(x: x - width / 2, y: y - height / 2, width: width, height: height)
    }
  }

  private(set) var entries: [Entry] = []
  /// The size of the picture in which the regions were drawn, in pixels, if it is told.
  private(set) var dimensions: (width: Double, height: Double)?
  /// The prefixes that the file uses for regions and for areas.
  private(set) var prefixes = (regions: "mwg-rs", area: "stArea")

  init(_ packet: XMPPacket) {
    var places: [Int: Int] = [:]
    var sides: [String: Double] = [:]
    for (key, value) in packet.properties where key.hasPrefix(Self.root + "/") {
      let path = XMPPath(key.dropFirst(Self.root.count + 1))
      if let prefix = path.prefix(of: "RegionList") { prefixes.regions = prefix }
      if let prefix = path.prefix(of: "x") { prefixes.area = prefix }
      if let (number, rest) = path.element(of: "RegionList") {
        if places[number] == nil {
          places[number] = entries.count
          entries.append(Entry(number: number))
        }
        if let place = places[number], !rest.isEmpty { entries[place].values[rest] = value }
      } else if path.names.count == 2, path.names[0] == "AppliedToDimensions" {
        sides[path.names[1]] = Double(value)
      }
    }
    if let width = sides["w"], let height = sides["h"], width > 0, height > 0 { dimensions = (width, height) }
  }

  /// Whether the regions were drawn in a picture of other proportions. Some programs turn regions and leave the sides as they were.
  func areOfAnotherShape(than header: ImageHeader) -> Bool {
    guard let dimensions, header.width > 0, header.height > 0 else { return false }
    let (drawn, stored) = (
      dimensions.width / dimensions.height, Double(header.width) / Double(header.height)
    )
    return [drawn / stored, drawn * stored].allSatisfy { abs($0 - 1) > 0.02 }
  }

  /// The key of the list.
  var list: String { "\(Self.root)/\(prefixes.regions):RegionList" }
}

/// The structure `MP:RegionInfo` of a packet.
struct MicrosoftRegions {
  static let root = "Xmp.MP.RegionInfo"

  struct Entry {
    let number: Int
    fileprivate(set) var name: String?
    /// In the stored picture.
    fileprivate(set) var area: RelativeRect?
  }

  private(set) var entries: [Entry] = []

  init(_ packet: XMPPacket) {
    for (key, value) in packet.properties where key.hasPrefix(Self.root + "/") {
      guard let (number, rest) = XMPPath(key.dropFirst(Self.root.count + 1)).element(of: "Regions") else {
        continue
      }
      if entries.last?.number != number { entries.append(Entry(number: number)) }
      switch rest {
      case "PersonDisplayName": entries[entries.count - 1].name = value
      case "Rectangle":
        let numbers = value.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
        guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
          let height = numbers[3]
        else { break }
        entries[entries.count - 1].area = RelativeRect(x: x, y: y, width: width, height: height)
      default: break
      }
    }
  }
}

/// A key below a structure, in its parts: `mwg-rs:RegionList[3]/mwg-rs:Area/stArea:x`.
private struct XMPPath {
  private let parts: [(prefix: Substring, name: Substring)]

  init(_ text: Substring) {
    parts = text.split(separator: "/").map { part in
      guard let colon = part.firstIndex(of: ":") else { return ("", part) }
      return (part[..<colon], part[part.index(after: colon)...])
    }
  }

  /// The local names.
  var names: [String] { parts.map { String($0.name) } }

  /// The prefix of the part with a local name, a number behind it or not.
  func prefix(of name: String) -> String? {
    parts.first { $0.name == name || $0.name.hasPrefix(name + "[") }.map { String($0.prefix) }
  }

  /// The number and the other local names of a key of an array's element: `3` and `Area/x`.
  func element(of array: String) -> (number: Int, rest: String)? {
    guard let first = parts.first, first.name.hasPrefix(array + "["), first.name.hasSuffix("]"),
      let number = Int(first.name.dropFirst(array.count + 1).dropLast())
    else { return nil }
    return (number, names.dropFirst().joined(separator: "/"))
  }
}
