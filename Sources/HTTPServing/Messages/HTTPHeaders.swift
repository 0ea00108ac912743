internal import Support

/// Header fields in their order; names are compared without regard to case.
public struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
  /// A field.
  public struct Field: Sendable, Hashable {
    /// As it was written.
    public let name: String
    /// Without surrounding white space.
    public let value: String
  }

  /// All fields, in order.
  public private(set) var fields: [Field] = []

  /// No fields.
  public init() {}

  /// These fields.
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// Appends a field; one with the same name stays.
  public mutating func add(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The first field of a name; setting replaces all of that name.
  public subscript(_ name: String) -> String? {
    get { fields.first { Self.equal($0.name, name) }?.value }
    set {
      fields.removeAll { Self.equal($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  /// The values of all fields of a name, in order.
  public func all(_ name: String) -> [String] {
    fields.filter { Self.equal($0.name, name) }.map(\.value)
  }

  /// Whether a field is there twice with different values.
  public func isAmbiguous(_ name: String) -> Bool {
    let values = all(name)
    return values.contains { $0 != values.first }
  }

  private static func equal(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.asciiLowercased() == b.asciiLowercased()
  }
}
