public import Foundation

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
    guard let boundary = type["boundary"], type.ambiguous == nil, (1...70).contains(boundary.utf8.count)
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
      if rest.starts(with: Data("--".utf8)) { break }
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
  /// - Throws: ``HTTPFailure`` 400 that names a part that may not be there.
  public func check(known names: [String]) throws(HTTPFailure) {
    for part in parts {
      let name = part.name.isEmpty ? "without a name" : String(part.name.prefix(64))
      guard names.contains(part.name) else {
        throw Self.malformed("its part \(name) is not known here; known are \(names.joined(separator: ", "))")
      }
      guard self[part.name]?.content == part.content else {
        throw Self.malformed("its part \(name) is there twice")
      }
    }
  }

  private static func part(header: Data, content: Data) throws(HTTPFailure) -> Part {
    let text = String(decoding: header, as: UTF8.self)
    var part: Part?
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let field = line[..<colon].lowercased()
      if field == "content-transfer-encoding" {
        // RFC 7578 has done away with it; what is not sent as it is would be understood as something else.
        let coding = HeaderParameters(String(line[line.index(after: colon)...])).value
        guard ["binary", "8bit", "7bit"].contains(coding) else {
          throw malformed("a part has a Content-Transfer-Encoding")
        }
      }
      guard field == "content-disposition" else { continue }
      let disposition = HeaderParameters(String(line[line.index(after: colon)...]))
      guard part == nil, disposition.ambiguous == nil else { throw malformed("a part has two names") }
      guard disposition.value == "form-data", let name = disposition["name"] else { break }
      part = Part(name: name, filename: disposition["filename"], content: content)
    }
    guard let part else { throw malformed("a part has no name") }
    return part
  }

  private static func malformed(_ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-multipart", "The multipart body cannot be read: \(what).", number: 21)
  }
}
