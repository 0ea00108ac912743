/// How a stored picture must be turned to be seen upright: the values of EXIF's tag `Orientation`.
public enum ImageOrientation: UInt8, Sendable, Hashable, CaseIterable {
  /// As stored.
  case up = 1
  /// Mirrored left to right.
  case upMirrored = 2
  /// Turned by 180°.
  case down = 3
  /// Mirrored top to bottom.
  case downMirrored = 4
  /// Mirrored along the diagonal from the top left to the bottom right (transposed).
  case leftMirrored = 5
  /// To be turned by 90° clockwise.
  case right = 6
  /// Mirrored along the diagonal from the top right to the bottom left.
  case rightMirrored = 7
  /// To be turned by 90° anticlockwise.
  case left = 8

  /// Whether width and height change places.
  public var swapsSides: Bool { rawValue >= 5 }
}
