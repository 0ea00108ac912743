/// The images that a network takes; a side that is nil may have any extent.
public struct InputShape: Sendable, Hashable, Codable, CustomStringConvertible {
  /// Rows, or nil when the network takes any number.
  public var height: Int?
  /// Columns, or nil when the network takes any number.
  public var width: Int?
  /// Values a pixel.
  public var channels: Int

  /// Makes a shape; leave out a side that is free.
  public init(height: Int? = nil, width: Int? = nil, channels: Int = 3) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// Height × width × channels, `any` for a free side.
  public var description: String {
    "\(height.map(String.init) ?? "any")×\(width.map(String.init) ?? "any")×\(channels)"
  }
}
