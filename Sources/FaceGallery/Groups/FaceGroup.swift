public import GalleryStore

/// Faces without a name that are probably one person's.
public struct FaceGroup: Sendable, Hashable, Identifiable {
  /// The group's number: that of its oldest face when the group was found.
  public let id: UInt64

  /// The faces, the most typical first.
  public let faces: [FaceID]

  /// A group by its parts.
  public init(id: UInt64, faces: [FaceID]) {
    self.id = id
    self.faces = faces
  }
}

/// What grouping the faces without a name gave.
public struct Clustering: Sendable, Hashable {
  /// The groups, largest first.
  public let groups: [FaceGroup]

  /// Faces without a name.
  public let faces: Int

  /// The similarity from which faces were neighbours.
  public let threshold: Float

  /// Faces in a group.
  public var grouped: Int { groups.reduce(0) { $0 + $1.faces.count } }
}

/// How faces without a name are grouped.
public struct ClusteringOptions: Sendable, Hashable {
  /// Cosine similarity from which two faces are neighbours; nil lets one face in five have a stranger among its
  /// neighbours, by the engine's operating point.
  public var threshold: Float?

  /// With how many of its nearest faces a face can be compared.
  public static let neighborRange = 1...1_000

  /// Each face is compared with so many of its nearest faces, within ``neighborRange``.
  public var neighbors: Int

  /// Smaller groups are left out.
  public var minimumFaces: Int

  /// Options; the defaults keep groups pure rather than complete.
  public init(threshold: Float? = nil, neighbors: Int = 20, minimumFaces: Int = 2) {
    self.threshold = threshold
    self.neighbors = neighbors
    self.minimumFaces = minimumFaces
  }
}
