public import FaceEngine
public import Foundation

/// A face that a gallery holds.
public struct EnrolledFace: Sendable, Hashable, Identifiable {
  /// The face's number.
  public let id: FaceID

  /// Whose face it is; ``PersonID/unnamed`` for a face without a name.
  public let person: PersonID

  /// Where in the photo it is and how good; nil for an embedding that was added without a photo.
  public let detection: DetectedFace?

  /// Digest of the photo; nil for an embedding that was added without a photo.
  public let photo: PhotoDigest?

  /// Path or label of the photo when it was added; it may have moved since.
  public let path: String?

  /// When the face was added.
  public let added: Date

  /// A face by its parts.
  public init(
    id: FaceID, person: PersonID, detection: DetectedFace?, photo: PhotoDigest?, path: String?, added: Date
  ) {
    self.id = id
    self.person = person
    self.detection = detection
    self.photo = photo
    self.path = path
    self.added = added
  }
}

/// Number of a face in a gallery: given once, never used again after a removal.
public struct FaceID: RawRepresentable, Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The number, at least 1.
  public let rawValue: UInt64

  /// The face with this number, which need not exist.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The number in decimal.
  public var description: String { String(rawValue) }

  /// Older faces come first.
  public static func < (a: FaceID, b: FaceID) -> Bool { a.rawValue < b.rawValue }
}

/// Some of the faces of a gallery, older ones first.
public struct FacePage: Sendable, Hashable {
  /// How many faces there are altogether.
  public let total: Int
  /// Those of the page.
  public let faces: [EnrolledFace]

  package init(total: Int, faces: [EnrolledFace]) {
    self.total = total
    self.faces = faces
  }
}

/// What a store holds about a face, besides its vector.
package struct StoredFace: Hashable, Sendable {
  package var person: PersonID
  package var added: Date
  package var photo: PhotoDigest?
  package var detection: DetectedFace?
  /// Longer ones are cut off.
  package var path: String? {
    didSet { path = path.map { String($0.utf8Prefix(Self.maximumPathBytes)) } }
  }

  package static let maximumPathBytes = 4096

  package init(
    person: PersonID, added: Date, photo: PhotoDigest?, detection: DetectedFace?, path: String?
  ) {
    self.person = person
    self.added = added
    self.photo = photo
    self.detection = detection
    self.path = path.map { String($0.utf8Prefix(Self.maximumPathBytes)) }
  }

  /// Whether this is the face of another record of the same photo: at the same place, or both without one.
  package func isSameFace(at box: PixelRect?) -> Bool {
    guard let own = detection?.box, let box else { return detection == nil && box == nil }
    return own.isSameFace(as: box)
  }

  /// The face as others see it.
  package func enrolled(_ id: FaceID) -> EnrolledFace {
    EnrolledFace(id: id, person: person, detection: detection, photo: photo, path: path, added: added)
  }
}

extension String {
  /// The longest beginning, of whole characters, that takes at most so many bytes in UTF-8.
  fileprivate func utf8Prefix(_ limit: Int) -> Substring {
    guard utf8.count > limit else { return self[...] }
    var bytes = 0
    return prefix { character in
      bytes += character.utf8.count
      return bytes <= limit
    }
  }
}
