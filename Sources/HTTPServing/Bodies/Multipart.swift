public import Foundation
internal import Support

/// The parts of a `multipart/form-data` body (RFC 7578).
public struct Multipart: Sendable {
  /// A part.
  public struct Part: Sendable {
    /// The form field's name.
    public let name: String
    /// The file's name; nil for a field that is not a file.
    public let filename: String?
    /// The content, sharing the body's memory.
    public let content: Data
  }

  /// At most so many parts are read.
  static let maximumCount = 64
  /// A part's header fields may have so many bytes together.
  static let maximumHeaderBytes = 8_192

  /// The parts in order.
  public let parts: [Part]

  /// Splits a body.
  ///
  /// - Parameters:
  ///   - body: The whole body.
  ///   - contentType: The request's `Content-Type`, which names the boundary.
  /// - Throws: ``HTTPFailure`` 400 for a body without closing boundary, with a part without name, or with too
  ///   many parts.
  /// - Complexity: O(bytes).
  public init(_ body: Data, contentType: String) throws(HTTPFailure) {
    let type = HeaderParameters(contentType)
    guard let boundary = type["boundary"], type.ambiguous == nil, !type.isMalformed,
      (1...70).contains(boundary.utf8.count)
    else { throw Self.malformed("it names no boundary of 1 to 70 characters") }
    let delimiter = Data("--\(boundary)".utf8)
    let next = Data("\r\n--\(boundary)".utf8)
    // A preamble before the first boundary is allowed, and ignored.
    var position: Data.Index
    if body.starts(with: delimiter) {
      position = body.startIndex + delimiter.count
    } else if let first = body.range(of: next) {
      position = first.upperBound
    } else {
      throw Self.malformed("the boundary is not in it")
    }
    var parts: [Part] = []
    while true {
      let rest = body[position...]
      if rest.starts(with: Data("--".utf8)) {
        let end = rest.dropFirst(2).drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        // What follows on further lines is passed over, unless it looks like a part that would be lost.
        guard end.isEmpty || end.starts(with: Data("\r\n".utf8)), end.range(of: next) == nil else {
          throw Self.malformed("something follows its closing boundary")
        }
        break
      }
      // White space may follow a boundary.
      guard let line = rest.range(of: Data("\r\n".utf8)),
        rest[..<line.lowerBound].allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
      else { throw Self.malformed("a boundary is not followed by a line") }
      guard let end = body[line.lowerBound...].range(of: next) else {
        throw Self.malformed("its closing boundary is missing")
      }
      // The empty line may directly follow the boundary: then there are no header fields.
      let part = body[line.lowerBound..<end.lowerBound]
      guard let blank = part.range(of: Data("\r\n\r\n".utf8)),
        blank.lowerBound - part.startIndex <= Self.maximumHeaderBytes
      else { throw Self.malformed("a part has no header fields, or more than 8 KiB of them") }
      guard parts.count < Self.maximumCount else {
        throw Self.malformed("it has more than \(Self.maximumCount) parts")
      }
      parts.append(
        try Self.part(header: part[part.startIndex..<blank.lowerBound], content: part[blank.upperBound...]))
      position = end.upperBound
    }
    self.parts = parts
  }

  /// The first part of a name.
  public subscript(_ name: String) -> Part? { parts.first { $0.name == name } }

  /// Checks that there are no parts but those of these names, and none with two contents.
  ///
  /// - Parameter passingOverUnknown: Whether parts of other names may be there.
  /// - Throws: ``HTTPFailure`` 400 that names a part that may not be there.
  public func check(known names: [String], passingOverUnknown: Bool = false) throws(HTTPFailure) {
    for part in parts {
      let name = part.name.isEmpty ? "without a name" : String(part.name.prefix(64))
      guard names.contains(part.name) else {
        if passingOverUnknown { continue }
        throw Self.malformed("its part \(name) is not known here; known are \(names.joined(separator: ", "))")
      }
      guard self[part.name]?.content == part.content else {
        throw Self.malformed("its part \(name) is there twice")
      }
    }
  }

  /// Checks that all parts have one name.
  ///
  /// - Throws: ``HTTPFailure`` 400 that names another one.
  static func check(_ parts: [Part], onlyOf name: String) throws(HTTPFailure) {
    guard let other = parts.first(where: { $0.name != name })?.name else { return }
    throw malformed(
      "its part \(other.isEmpty ? "without a name" : String(other.prefix(64))) is not known here; known is \(name)"
    )
  }

  private static func part(header: Data, content: Data) throws(HTTPFailure) -> Part {
    var part: Part?
    for line in try lines(of: header) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
        line[..<colon].allSatisfy(Byte.isToken)
      else { throw malformed("a header field of a part is not NAME: VALUE on one line") }
      let field = String(decoding: line[..<colon], as: UTF8.self).asciiLowercased()
      let value = HeaderParameters(String(decoding: line[line.index(after: colon)...], as: UTF8.self))
      switch field {
      case "content-transfer-encoding":
        // RFC 7578 has done away with it; what is not sent as it is would be understood as something else.
        guard ["binary", "8bit", "7bit"].contains(value.value) else {
          throw malformed("a part has a Content-Transfer-Encoding")
        }
      case "content-encoding":
        guard value.value == "identity" else { throw malformed("a part has a Content-Encoding") }
      case "content-disposition":
        guard part == nil, value.ambiguous == nil, value["name*"] == nil else {
          throw malformed("a part has two names")
        }
        guard !value.isMalformed else { throw malformed("a part's Content-Disposition cannot be read") }
        guard value.value == "form-data", let name = value["name"] else {
          throw malformed("a part has no name")
        }
        part = Part(name: name, filename: value["filename"], content: content)
      default: break
      }
    }
    guard let part else { throw malformed("a part has no name") }
    return part
  }

  /// The lines of a part's header, which end with CR LF and have no other control characters than tabs.
  private static func lines(of header: Data) throws(HTTPFailure) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var rest = Array(header)[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != Byte.carriageReturn && $0 != Byte.lineFeed }
      rest = rest.dropFirst(line.count)
      guard rest.isEmpty || rest.starts(with: [Byte.carriageReturn, Byte.lineFeed]),
        line.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == Byte.tab })
      else {
        throw malformed("a line of a part's header does not end with CR LF, or has a control character")
      }
      rest = rest.dropFirst(2)
      if !line.isEmpty { lines.append(line) }
    }
    return lines
  }

  private static func malformed(_ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-multipart", "The multipart body cannot be read: \(what).", number: 21)
  }
}
