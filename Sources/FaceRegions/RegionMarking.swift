public import Foundation
public import Imaging

/// Marks faces in XMP packets, in the form of the Metadata Working Group.
///
/// What is there stays: a face that is marked already gets the name where it has another one, all others are added behind, and regions
/// of other kinds, and everything else in the packet, are not touched. What is written is read again before it is given back.
public enum RegionMarking {
  /// The file of a photo with some faces marked; nil when they all are.
  ///
  /// - Parameters:
  ///   - faces: The faces, in places of the upright photo.
  ///   - photo: The file's bytes.
  ///   - header: What is known of the photo; see `ImageDecoder.header(of:)`.
  ///   - others: Faces that were known without marks of this form: they are marked, too, where there are none yet, since marks of this form
  ///     alone count from now on.
  /// - Throws: ``FaceRegionError`` with code `unsupported` for formats other than JPEG and WebP.
  public static func photo(
    _ photo: Data, marking faces: [FaceRegion], others: [FaceRegion] = [], header: ImageHeader
  ) throws(FaceRegionError) -> Data? {
    // Of other formats the library writes more anew than the marks.
    guard photo.starts(with: [0xFF, 0xD8]) || photo.starts(with: Array("RIFF".utf8)) else {
      throw FaceRegionError(.unsupported, "no marks are written into files of this format")
    }
    return try marked(photo, .photo, faces, others, header)
  }

  /// A sidecar with some faces marked; nil when they all are.
  ///
  /// - Parameters:
  ///   - sidecar: The file's bytes; nil makes a new one.
  ///   - faces: The faces, in places of the upright photo.
  ///   - others: Faces that are marked in the photo: a new sidecar has them, too, since it alone counts from now on.
  ///   - header: What is known of the photo that it belongs to.
  /// - Throws: ``FaceRegionError``.
  public static func sidecar(
    _ sidecar: Data?, marking faces: [FaceRegion], others: [FaceRegion] = [], header: ImageHeader
  ) throws(FaceRegionError) -> Data? {
    try marked(sidecar ?? Data(), .sidecar, faces, others, header)
  }

  /// From this share of both areas on two marks are of one face: programs draw more of the head, or less.
  private static var leastOverlap: Double { 0.3 }

  private static func marked(
    _ data: Data, _ container: XMPPacket.Container, _ faces: [FaceRegion], _ others: [FaceRegion],
    _ header: ImageHeader
  ) throws(FaceRegionError) -> Data? {
    let packet =
      data.isEmpty && container == .sidecar ? XMPPacket() : try XMPPacket(of: data, in: container)
    let there = MWGRegions(packet)
    guard !there.areOfAnotherShape(than: header) else {
      throw FaceRegionError(.unreadable, "the marks in it are of a picture that was cut since")
    }
    let (region, areaPrefix) = there.prefixes
    var next = (there.entries.map(\.number).max() ?? 0) + 1
    var changes: [XMPPacket.Change] = []
    var taken: Set<Int> = []
    let hasNames = there.entries.contains { $0.isFace && $0.name != nil }
    let unmarked = others.filter { other in
      !hasNames && !faces.contains { $0.area.overlap(with: other.area) >= leastOverlap }
    }
    for face in faces + unmarked {
      let area = face.area.stored(header.orientation)
      let best = there.entries.filter { $0.isFace && !taken.contains($0.number) }
        .map { ($0, $0.area(in: there.dimensions)?.overlap(with: area) ?? 0) }
        .max { $0.1 < $1.1 }
      if let (entry, overlap) = best, overlap >= leastOverlap {
        taken.insert(entry.number)
        if entry.name?.trimmingCharacters(in: .whitespacesAndNewlines) != face.name {
          changes.append(.text("\(there.list)[\(entry.number)]/\(region):Name", face.name))
        }
        continue
      }
      let key = "\(there.list)[\(next)]"
      next += 1
      changes.append(.structure(key))
      changes.append(.structure("\(key)/\(region):Area"))
      for (member, value) in [
        ("x", area.x + area.width / 2), ("y", area.y + area.height / 2), ("w", area.width),
        ("h", area.height),
      ] {
        changes.append(.text("\(key)/\(region):Area/\(areaPrefix):\(member)", rounded(value)))
      }
      changes.append(.text("\(key)/\(region):Area/\(areaPrefix):unit", "normalized"))
      changes.append(.text("\(key)/\(region):Name", face.name))
      changes.append(.text("\(key)/\(region):Type", "Face"))
    }
    guard !changes.isEmpty else { return nil }
    var head: [XMPPacket.Change] = [.structure(MWGRegions.root)]
    if there.dimensions == nil {
      let key = "\(MWGRegions.root)/\(region):AppliedToDimensions"
      head += [
        .structure(key), .text("\(key)/stDim:w", String(header.width)),
        .text("\(key)/stDim:h", String(header.height)), .text("\(key)/stDim:unit", "pixel"),
      ]
    }
    let after = try XMPPacket.setting(head + [.bag(there.list)] + changes, of: data, in: container)
    let list = RegionList(try XMPPacket(of: after, in: container), header)
    guard
      faces.allSatisfy({ face in
        list.faces.contains { $0.name == face.name && $0.area.overlap(with: face.area) >= leastOverlap }
      })
    else { throw FaceRegionError(.unreadable, "its marks cannot be written so that they are read again") }
    return after
  }

  /// Six decimals are a thousandth of a pixel of the largest photos.
  private static func rounded(_ value: Double) -> String {
    String((value * 1e6).rounded() / 1e6)
  }
}

extension RelativeRect {
  /// Shared area over the area of both together, 0…1.
  fileprivate func overlap(with other: RelativeRect) -> Double {
    let columns = min(x + width, other.x + other.width) - max(x, other.x)
    let rows = min(y + height, other.y + other.height) - max(y, other.y)
    guard columns > 0, rows > 0 else { return 0 }
    return columns * rows / (width * height + other.width * other.height - columns * rows)
  }
}
