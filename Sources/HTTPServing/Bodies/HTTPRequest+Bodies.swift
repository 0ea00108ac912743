public import Foundation

extension HTTPRequest {
  /// The body as JSON of a type; an empty body is an empty object.
  ///
  /// - Throws: ``HTTPFailure``: 415 for a body that says it is something else, 400 for one that is not such JSON.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws(HTTPFailure) -> Value {
    if let contentType = headers["Content-Type"] {
      let value = HeaderParameters(contentType).value
      guard value == "application/json" || value.hasSuffix("+json") else {
        throw HTTPFailure(415, "unsupported-media-type", "The body must be application/json, not \(value).")
      }
    }
    do {
      return try JSONDecoder().decode(type, from: body.isEmpty ? Data("{}".utf8) : body)
    } catch let error as DecodingError {
      throw HTTPFailure(400, "bad-json", Self.sentence(error), number: 26)
    } catch {
      throw HTTPFailure(400, "bad-json", "The body is not JSON.", number: 26)
    }
  }

  /// The photo of a field: a part of a multipart body, or base64 in a member of a JSON body.
  ///
  /// - Throws: ``HTTPFailure``: 400 for a body that cannot be read or has no such field, 415.
  public func photo(_ name: String = "file") throws(HTTPFailure) -> Data {
    try photos([name])[0]
  }

  /// The photos of several fields.
  ///
  /// - Throws: As for one.
  public func photos(_ names: [String]) throws(HTTPFailure) -> [Data] {
    let there = try takePhotos(names)
    return try names.map { (name) throws(HTTPFailure) in
      guard let photo = there[name] else { throw Self.missing(name) }
      return try photo.get()
    }
  }

  /// The photos of those fields that can be read; none of a body that cannot.
  public func photosThere(_ names: [String]) -> [Data] {
    ((try? takePhotos(names)) ?? [:]).values.compactMap { try? $0.get() }
  }

  private func takePhotos(_ names: [String]) throws(HTTPFailure) -> [String: Result<Data, HTTPFailure>] {
    if let taken = takenPhotos.current, names.allSatisfy({ taken[$0] != nil }) { return taken }
    let contentType = headers["Content-Type"] ?? ""
    var photos: [String: Result<Data, HTTPFailure>] = [:]
    switch HeaderParameters(contentType).value {
    case "multipart/form-data":
      let form = try Multipart(body, contentType: contentType)
      for name in names {
        if let part = form[name], !part.content.isEmpty { photos[name] = .success(Data(part.content)) }
      }
    case "application/json", "":
      let members = try json(LenientTexts.self).texts
      for name in names {
        if let text = members[name] {
          photos[name] = Result { () throws(HTTPFailure) in try Base64.decode(text) }
        }
      }
    case let other:
      throw HTTPFailure(
        415, "unsupported-media-type",
        "Photos come as multipart/form-data or as base64 in application/json, not as \(other).")
    }
    takenPhotos.current = photos
    return photos
  }

  /// The members of an object that are texts.
  private struct LenientTexts: Decodable {
    let texts: [String: String]

    private struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { return nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      var texts: [String: String] = [:]
      for key in container.allKeys {
        if let text = try? container.decode(String.self, forKey: key) { texts[key.stringValue] = text }
      }
      self.texts = texts
    }
  }

  private static func missing(_ name: String) -> HTTPFailure {
    HTTPFailure(400, "photo-missing", "The body has no photo in the field \(name); send one.", number: 21)
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.isEmpty
        ? "the body"
        : path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue.prefix(64).description }.joined(
          separator: ".")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "The member \(place(context.codingPath + [key])) is missing."
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "The value of \(place(context.codingPath)) is of the wrong type."
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "The value of \(place(context.codingPath)) cannot be used."
    default: return "The body is not JSON."
    }
  }
}
