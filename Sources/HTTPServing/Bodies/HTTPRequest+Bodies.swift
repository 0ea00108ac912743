public import Foundation
internal import Support

extension HTTPRequest {
  /// The body as JSON of a type; an empty body is an empty object.
  ///
  /// - Throws: ``HTTPFailure``: 415 for a body that says it is something else, 400 for one that is not such JSON.
  public func json<Value: Decodable>(_ type: Value.Type = Value.self) throws(HTTPFailure) -> Value {
    if let contentType = headers["Content-Type"] {
      let type = HeaderParameters(contentType)
      guard type.value == "application/json" || type.value.hasSuffix("+json") else {
        throw HTTPFailure(
          415, "unsupported-media-type", "The body must be application/json, not \(type.value).")
      }
      let charset = type["charset"]?.asciiLowercased() ?? "utf-8"
      guard !type.isMalformed, type.ambiguous == nil, ["utf-8", "utf8", "us-ascii"].contains(charset) else {
        throw HTTPFailure(
          415, "unsupported-media-type",
          "JSON is UTF-8, and the Content-Type says something else, or cannot be read.")
      }
    }
    do {
      return try JSONDecoder().decode(type, from: body.isEmpty ? Data("{}".utf8) : body)
    } catch let error as DecodingError {
      throw HTTPFailure(400, "bad-json", sentence(error), number: 26)
    } catch {
      throw HTTPFailure(400, "bad-json", "The body is not JSON.", number: 26)
    }
  }

  /// Checks that a JSON body has no members but a shape's, and none twice; an empty body has none.
  ///
  /// - Throws: ``HTTPFailure`` 400 that names the member, or says that the body is not JSON.
  public func check(_ shape: JSONShape) throws(HTTPFailure) {
    if !body.isEmpty { try shape.check(body) }
  }

  /// The files of a body that has these fields and no others: parts of a multipart body, or base64 in members of a JSON
  /// body.
  ///
  /// - Parameters:
  ///   - names: The fields.
  ///   - noun: What a file is, for whoever sent it: “photo” makes the failure `photo-missing`.
  ///   - passingOverUnknown: Whether a multipart body may have other fields; see ``passedOverFields``.
  /// - Returns: A file a field, in the fields' order; parts share the body's memory.
  /// - Throws: ``HTTPFailure``: 400 for a body that cannot be read, lacks a field or has another one, 415.
  public func files(
    _ names: [String], of noun: String = "file", passingOverUnknown: Bool = false
  ) throws(HTTPFailure) -> [Data] {
    let there = try takeFiles(names, of: noun, passingOverUnknown)
    return try names.map { (name) throws(HTTPFailure) in
      guard let file = there[name] else {
        throw HTTPFailure(
          400, "\(noun)-missing", "The body has no \(noun) in the field \(name); send one.", number: 21)
      }
      return try file.get()
    }
  }

  /// The files of those fields that can be read; none of a body that cannot, or has other fields.
  public func filesThere(
    _ names: [String], of noun: String = "file", passingOverUnknown: Bool = false
  ) -> [Data] {
    ((try? takeFiles(names, of: noun, passingOverUnknown)) ?? [:]).values.compactMap { try? $0.get() }
  }

  /// The fields of the multipart body that were passed over when its files were taken, each once.
  public var passedOverFields: [String] { takenFiles.passedOver }

  private func takeFiles(
    _ names: [String], of noun: String, _ passingOverUnknown: Bool
  ) throws(HTTPFailure) -> [String: Result<Data, HTTPFailure>] {
    if let taken = takenFiles.current, names.allSatisfy({ taken[$0] != nil }) { return taken }
    let contentType = headers["Content-Type"] ?? ""
    var files: [String: Result<Data, HTTPFailure>] = [:]
    switch HeaderParameters(contentType).value {
    case "multipart/form-data":
      let form = try Multipart(body, contentType: contentType)
      for name in names {
        if let part = form[name], !part.content.isEmpty { files[name] = .success(part.content) }
      }
      // A field that is missing is told first: it may be there under another name.
      if names.allSatisfy({ files[$0] != nil }) {
        try form.check(known: names, passingOverUnknown: passingOverUnknown)
      }
      var seen = Set(names)
      takenFiles.passedOver = form.parts.map(\.name).filter { seen.insert($0).inserted }
    case "application/json", "":
      try check(.object(Dictionary(names.map { ($0, .value) }) { first, _ in first }))
      let members = try json([String: String].self)
      for name in names {
        if let text = members[name] {
          files[name] = Result { () throws(HTTPFailure) in try Base64.decode(text, of: noun) }
        }
      }
    case let other: throw Self.unsupported(other, noun)
    }
    takenFiles.current = files
    return files
  }

  /// The files of a body that has them in one field and no other: parts of the same name in a multipart body, or an array of base64 in a
  /// member of a JSON body.
  ///
  /// - Parameters:
  ///   - name: The field.
  ///   - noun: What a file is, as in ``files(_:of:)``.
  /// - Returns: The files in their order, at least one, each or why it cannot be read; they share the body's memory.
  /// - Throws: ``HTTPFailure``: 400 for a body that cannot be read, has no file, more than ``maximumFiles`` or another field, 415.
  public func fileList(_ name: String, of noun: String = "file") throws(HTTPFailure) -> [ListedFile] {
    if let list = takenFiles.list { return list }
    let missing = HTTPFailure(
      400, "\(noun)-missing", "The body has no \(noun) in the field \(name); send one or more.", number: 21)
    let files: [ListedFile]
    switch HeaderParameters(headers["Content-Type"] ?? "").value {
    case "multipart/form-data":
      let parts = try Multipart(body, contentType: headers["Content-Type"] ?? "").parts
      // A field that is missing is told first: it may be there under another name.
      guard parts.contains(where: { $0.name == name }) else { throw missing }
      try Multipart.check(parts, onlyOf: name)
      files = parts.map { part in
        ListedFile(
          name: part.filename, content: part.content.isEmpty ? .failure(missing) : .success(part.content))
      }
    case "application/json", "":
      try check(.object(name))
      guard let texts = try json([String: [String]].self)[name], !texts.isEmpty else { throw missing }
      files = texts.map { text in
        ListedFile(name: nil, content: Result { () throws(HTTPFailure) in try Base64.decode(text, of: noun) })
      }
    case let other: throw Self.unsupported(other, noun)
    }
    guard files.count <= Self.maximumFiles else {
      throw HTTPFailure(
        400, "bad-parameter",
        "The body has more than \(Self.maximumFiles) \(noun)s; send the others in another request.",
        number: 26)
    }
    takenFiles.list = files
    return files
  }

  /// At most so many files are taken in a list.
  public static let maximumFiles = Multipart.maximumCount

  private static func unsupported(_ type: String, _ noun: String) -> HTTPFailure {
    HTTPFailure(
      415, "unsupported-media-type",
      "\(noun.prefix(1).uppercased() + noun.dropFirst())s come as multipart/form-data or as base64 in application/json, not as "
        + "\(type).")
  }

  private func sentence(_ error: DecodingError) -> String {
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
    // Foundation says the same of a number that does not fit.
    default:
      return (try? JSONSerialization.jsonObject(with: body, options: .fragmentsAllowed)) == nil
        ? "The body is not JSON." : "A number of the body is too large, or not whole where it has to be."
    }
  }
}
