/// A box around a face in a picture, with what is known about it.
public struct FaceAnnotation: Sendable, Hashable {
  /// What the answer about the face was; it chooses the colour.
  public enum Style: String, Sendable, Hashable, CaseIterable {
    /// Somebody in the gallery.
    case known
    /// Somebody in the gallery, or somebody alike.
    case ambiguous
    /// Nobody in the gallery.
    case unknown
    /// A face that was found, not asked about.
    case detected
  }

  /// The face, in pixels of the picture; it may stick out.
  public var box: Rectangle
  /// The label: the first line, the name, is bold.
  public var lines: [String]
  /// What the answer about the face was.
  public var style: Style

  /// An annotation by its parts.
  public init(box: Rectangle, lines: [String], style: Style) {
    self.box = box
    self.lines = lines
    self.style = style
  }
}

extension FaceAnnotation.Style {
  /// The colour of box and label background; white text stands out on each.
  var color: Color {
    switch self {
    case .known: Color(hex: 0x00734F)
    case .ambiguous: Color(hex: 0x7A5C00)
    case .unknown: Color(hex: 0xB8500B)
    case .detected: Color(hex: 0x005E99)
    }
  }
}
