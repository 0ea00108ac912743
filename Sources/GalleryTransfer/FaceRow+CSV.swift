internal import FaceEngine
internal import GalleryStore
internal import Support

extension FaceRow {
  /// The names of the columns that are written.
  static let columnNames = [
    "person", "face", "added", "photo", "path", "x", "y", "width", "height", "landmarks", "quality",
    "tags", "personTags", "scheme", "vectorSHA256",
  ]

  /// Which column holds which field.
  struct Columns {
    fileprivate let places: [String: Int]

    /// - Throws: ``GalleryError`` with code `unreadableFile` when there is no column of names.
    init(_ names: [String], _ file: MappedFile) throws(GalleryError) {
      var places: [String: Int] = [:]
      for (place, name) in names.enumerated() {
        let name = name.filter { $0 != " " }
        let column = ["name", "Name", "Person"].contains(name) ? "person" : name
        guard places.updateValue(place, forKey: column) == nil || !FaceRow.columnNames.contains(column) else {
          throw file.error(
            .unreadableFile, "line 1: two columns are called “\(column)”, and nobody knows which is meant",
            line: 1)
        }
      }
      guard places["person"] != nil else {
        throw file.error(
          .unreadableFile, "line 1: no column is called “person”; the first line names the columns", line: 1)
      }
      self.places = places
    }

  }

  /// The row as a line without its end.
  func csv(person: String) -> String {
    var fields = [person, face.map(String.init) ?? "", added.map(String.init) ?? ""]
    fields += [photo.map(\.description) ?? "", path.map(CSVText.field) ?? ""]
    if let detection {
      let (box, quality) = (detection.box, detection.quality)
      fields += [box.x, box.y, box.width, box.height].map(String.init)
      fields.append(detection.landmarks.map { "\($0.x) \($0.y)" }.joined(separator: " "))
      let numbers = [quality.sharpness, quality.yaw, quality.roll, quality.detectorScore]
      fields.append("\(quality.size) " + numbers.map(\.description).joined(separator: " "))
    } else {
      fields += Array(repeating: "", count: 6)
    }
    for texts in [tags, personTags] {
      fields.append(texts.isEmpty ? "" : CSVText.field(Self.object(texts)))
    }
    fields.append(detection.map { CSVText.field($0.scheme.rawValue) } ?? "")
    fields.append(vectorDigest ?? "")
    return fields.joined(separator: ",")
  }

  /// - Throws: ``BadField``.
  init(_ fields: [String], _ columns: Columns) throws {
    func field(_ name: String) -> String? {
      columns.places[name].flatMap { fields[$0].isEmpty ? nil : fields[$0] }
    }
    func value<Value>(_ name: String, _ read: (String) -> Value?) throws -> Value? {
      guard let text = field(name) else { return nil }
      guard let value = read(text) else { throw BadField(name: name) }
      return value
    }
    func numbers<Number>(_ name: String, _ read: (Substring) -> Number?) throws -> [Number] {
      try value(name) { text -> [Number]? in
        let words = text.split(separator: " ")
        let numbers = words.compactMap(read)
        return numbers.count == words.count ? numbers : nil
      } ?? []
    }
    person = field("person") ?? ""
    face = try value("face") { UInt64($0) }
    added = try value("added") { Int64($0) }
    photo = try value("photo", PhotoDigest.init(hexadecimal:))
    path = field("path")
    vectorDigest = field("vectorSHA256")
    for (name, target) in [("tags", \FaceRow.tags), ("personTags", \FaceRow.personTags)] {
      guard let text = field(name) else { continue }
      self[keyPath: target] = try Array(text.utf8).withUnsafeBytes { bytes in
        var scanner = JSONScanner(bytes)
        do { return try Self.texts(&scanner) } catch { throw BadField(name: name) }
      }
    }
    let box = try ["x", "y", "width", "height"].compactMap { name in try value(name) { Int($0) } }
    let points = try numbers("landmarks") { Double($0) }
    guard points.count.isMultiple(of: 2) else { throw BadField(name: "landmarks") }
    let landmarks = stride(from: 0, to: points.count - 1, by: 2).map {
      PixelPoint(x: points[$0], y: points[$0 + 1])
    }
    detection = try Self.detection(
      box: box, landmarks: landmarks, scheme: field("scheme"), quality: try numbers("quality") { Float($0) })
  }
}

extension PhotoDigest {
  /// A digest by its hexadecimal digits; nil unless there are 64.
  init?(hexadecimal text: String) {
    let digits = Array(text.utf8)
    guard digits.count == 2 * Self.byteCount else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Self.value(of: digits[place]), let low = Self.value(of: digits[place + 1]) else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    self.init(bytes: bytes)
  }

  private static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
