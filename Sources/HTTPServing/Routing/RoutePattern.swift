/// A path with parameters, such as `/api/v1/recognition/faces/{image_id}/img`.
public struct RoutePattern: Sendable, Hashable, CustomStringConvertible {
  private enum Segment: Sendable, Hashable {
    case fixed(String)
    case parameter(String)
  }

  /// The pattern as written.
  public let description: String
  private let segments: [Segment]

  /// Reads a pattern; `{name}` stands for one segment.
  public init(_ text: String) {
    description = text
    segments = text.split(separator: "/").map { segment in
      if segment.hasPrefix("{"), segment.hasSuffix("}") {
        return .parameter(String(segment.dropFirst().dropLast()))
      }
      return .fixed(String(segment))
    }
  }

  /// How many segments are fixed: among patterns that match, the one with most is meant.
  var fixedCount: Int {
    segments.count { if case .fixed = $0 { true } else { false } }
  }

  /// The parameters by name when decoded segments match.
  func match(_ path: [String]) -> [String: String]? {
    guard path.count == segments.count else { return nil }
    var parameters: [String: String] = [:]
    for (segment, word) in zip(segments, path) {
      switch segment {
      case .fixed(let fixed): guard fixed == word else { return nil }
      case .parameter(let name): parameters[name] = word
      }
    }
    return parameters
  }
}
