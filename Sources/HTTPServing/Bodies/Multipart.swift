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
    guard let boundary = HeaderParameters(contentType)["boundary"], (1...70).contains(boundary.utf8.count)
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

  private static func part(header: Data, content: Data) throws(HTTPFailure) -> Part {
    let text = String(decoding: header, as: UTF8.self)
    for line in text.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      guard line[..<colon].lowercased() == "content-disposition" else { continue }
      let disposition = HeaderParameters(String(line[line.index(after: colon)...]))
      guard disposition.value == "form-data", let name = disposition["name"] else { break }
      return Part(name: name, filename: disposition["filename"], content: content)
    }
    throw malformed("a part has no name")
  }

  private static func malformed(_ what: String) -> HTTPFailure {
    HTTPFailure(400, "bad-multipart", "The multipart body cannot be read: \(what).", number: 21)
  }
}
