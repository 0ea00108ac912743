/// How an ``Environment`` is opened.
public struct EnvironmentOptions: Sendable, Hashable {
  /// Bytes of the memory map to begin with; it doubles when it is full. The map takes address space only, and is made smaller
  /// where that is limited.
  public var initialMapSize: Int

  /// How many named databases there may be.
  public var maximumDatabases: Int

  /// How many read transactions may be open at a time, over all processes; the process that creates the lock
  /// file decides.
  public var maximumReaders: Int

  /// Whether the environment must exist and is not changed.
  public var readOnly: Bool

  /// The map is not made smaller than this for want of address space.
  static let leastMapSize = 1 << 20

  /// Options; the defaults suit databases up to terabytes.
  public init(
    initialMapSize: Int = 1 << 36, maximumDatabases: Int = 32, maximumReaders: Int = 1024,
    readOnly: Bool = false
  ) {
    self.initialMapSize = initialMapSize
    self.maximumDatabases = maximumDatabases
    self.maximumReaders = maximumReaders
    self.readOnly = readOnly
  }
}
