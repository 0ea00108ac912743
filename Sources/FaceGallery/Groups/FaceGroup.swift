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

  /// Those of them that are ignored, with those that were found now to be the same person's as an ignored group (``Gallery/ignore(group:)``).
  public let ignored: Int

  /// Faces in a group.
  public var grouped: Int { groups.reduce(0) { $0 + $1.faces.count } }
}

/// Some of the groups of faces without a name, the largest first.
public struct GroupPage: Sendable, Hashable {
  /// Where a page of groups begins: after a group of so many faces and of this number.
  public struct Position: Sendable, Hashable, Comparable {
    /// How many faces the group has.
    public let faces: Int
    /// The group's number.
    public let group: UInt64

    /// A position by its parts.
    public init(faces: Int, group: UInt64) { (self.faces, self.group) = (faces, group) }

    /// Larger groups come first, then those with the lower number.
    public static func < (a: Self, b: Self) -> Bool {
      a.faces != b.faces ? a.faces > b.faces : a.group < b.group
    }
  }

  /// How many groups there are altogether.
  public let total: Int
  /// Those of the page.
  public let groups: [FaceGroup]
  /// The position of the last of them when others follow.
  public let next: Position?
}

/// How faces without a name are grouped.
public struct ClusteringOptions: Sendable, Hashable {
  /// Cosine similarity from which two faces are neighbours; nil follows from the operating point's `falseNeighborRate` and the
  /// number of faces.
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
