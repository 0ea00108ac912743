internal import Foundation
internal import NeuralNetwork
internal import Support

/// What an ONNX file does not say of its network, from the `.json` of the same name beside it: what it takes, how faces are cut out,
/// and the thresholds that were measured for it.
struct NetworkNotes: Decodable, Sendable {
  /// Where landmarks go in a square chip.
  struct Places: Decodable, Sendable {
    /// Rows and columns of the chip.
    let side: Int
    /// x and y of the eye on the left of the photo, the one on the right, the nose, the left and the right corner of the mouth.
    let points: [[Double]]
  }

  /// One number for all channels, or one for each.
  private struct Channels: Decodable {
    let values: [Float]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      values = try (try? [container.decode(Float.self)]) ?? container.decode([Float].self)
      guard values.count == 1 || values.count == 3, values.allSatisfy(\.isFinite) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "one number or three")
      }
    }

    var three: [Float] { values.count == 3 ? values : [values[0], values[0], values[0]] }
  }

  private enum CodingKeys: String, CodingKey, CaseIterable {
    case input, channels, mean, scale, alignment, output, normalization
    case operatingPoint = "operating_point"
    case flippedPoint = "operating_point_flip"
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private let size: (height: Int, width: Int)?
  private let preprocessing: Preprocessing
  private let alignment: String
  private let places: Places?
  private let output: String?
  private let point: OperatingPoint?
  private let flippedPoint: OperatingPoint?

  /// The file beside a network's.
  static func url(beside weights: URL) -> URL {
    weights.deletingPathExtension().appendingPathExtension("json")
  }

  /// Reads the file beside a network's.
  ///
  /// - Throws: ``EngineError``: `missingWeights` when it is not there, `invalidWeights` with what is wrong in it.
  init(beside weights: URL) throws(EngineError) {
    let url = Self.url(beside: weights)
    let name = url.lastPathComponent
    guard let data = try? InputFile.read(url.path(percentEncoded: false)) else {
      throw EngineError(
        .missingWeights,
        "\(url.path(percentEncoded: false)) is not there or cannot be read: it says what \(weights.lastPathComponent) takes, such as "
          + "{\"channels\": \"rgb\", \"mean\": 127.5, \"scale\": 0.00784314, \"alignment\": \"arcface\"}.")
    }
    guard (try? JSONSerialization.jsonObject(with: data)) is [String: Any] else {
      throw EngineError(.invalidWeights, "\(name) cannot be used: it is no JSON object.")
    }
    do {
      self = try JSONDecoder().decode(NetworkNotes.self, from: data)
    } catch let error as DecodingError {
      throw EngineError(.invalidWeights, "\(name) cannot be used: \(Self.sentence(error))")
    } catch {
      throw EngineError(.invalidWeights, "\(name) cannot be used: \(error)")
    }
  }

  init(from decoder: any Decoder) throws {
    func check(_ members: KeyedDecodingContainer<AnyKey>, _ names: [String]) throws {
      for key in members.allKeys where !names.contains(key.stringValue) {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: members, debugDescription: "there are \(names.joined(separator: ", "))")
      }
    }
    try check(decoder.container(keyedBy: AnyKey.self), CodingKeys.allCases.map(\.rawValue))
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func refuse(_ key: CodingKeys, _ what: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: what)
    }
    if let sides = try values.decodeIfPresent([Double].self, forKey: .input) {
      let whole = sides.compactMap(Int.init(exactly:))
      guard sides.count == 2, whole.count == 2 else {
        throw refuse(.input, "height and width in whole pixels")
      }
      size = (whole[0], whole[1])
    } else {
      size = nil
    }
    guard let order = Preprocessing.ChannelOrder(rawValue: try values.decode(String.self, forKey: .channels))
    else { throw refuse(.channels, "\"rgb\" or \"bgr\"") }
    let scales = try values.decode(Channels.self, forKey: .scale).three
    guard scales.allSatisfy({ $0 != 0 }) else { throw refuse(.scale, "numbers that are not 0") }
    preprocessing = Preprocessing(
      order: order, mean: try values.decode(Channels.self, forKey: .mean).three, scales: scales)
    if let members = try? values.nestedContainer(keyedBy: AnyKey.self, forKey: .alignment) {
      try check(members, ["side", "points"])
      let own = try values.decode(Places.self, forKey: .alignment)
      guard (16...2_048).contains(own.side), own.points.count == 5,
        own.points.allSatisfy({ $0.count == 2 && $0.allSatisfy { abs($0) <= 4_096 } }),
        Set(own.points).count == 5
      else { throw refuse(.alignment, "a side and five different points of two numbers each") }
      // Chips are cut out larger to be measured, the more the nearer the eyes lie. Places from 0 to 1 are no pixels.
      let eyes = hypot(own.points[1][0] - own.points[0][0], own.points[1][1] - own.points[0][1])
      guard eyes * 20 >= Double(own.side) else {
        throw refuse(.alignment, "the eyes lie at least a twentieth of the side apart, in pixels")
      }
      (alignment, places) = ("", own)
    } else {
      alignment = try values.decode(String.self, forKey: .alignment)
      places = nil
      guard ["arcface", "dlib"].contains(alignment) else {
        throw refuse(.alignment, "\"arcface\", \"dlib\" or {\"side\": …, \"points\": …}")
      }
    }
    output = try values.decodeIfPresent(String.self, forKey: .output)
    if let word = try values.decodeIfPresent(String.self, forKey: .normalization), word != "unit" {
      throw refuse(.normalization, "\"unit\": embeddings are compared at unit length")
    }
    point = try values.decodeIfPresent(OperatingPoint.self, forKey: .operatingPoint)
    flippedPoint = try values.decodeIfPresent(OperatingPoint.self, forKey: .flippedPoint)
  }

  private static func sentence(_ error: DecodingError) -> String {
    func path(_ context: DecodingError.Context) -> String {
      "\"" + context.codingPath.map(\.stringValue).joined(separator: ".") + "\""
    }
    func reason(_ context: DecodingError.Context) -> String {
      var text = context.debugDescription
      while text.hasSuffix(".") { text.removeLast() }
      return text
    }
    switch error {
    case .keyNotFound(let key, _): return "it has no \"\(key.stringValue)\"."
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "\(reason(context))."
    case .dataCorrupted(let context): return "its \(path(context)) is wrong: \(reason(context))."
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "its \(path(context)) is of another kind."
    @unknown default: return "\(error)."
    }
  }

  /// How faces are cut out.
  func aligner() throws(EngineError) -> any FaceAligner {
    if let places {
      let points = places.points.map { PixelPoint(x: $0[0], y: $0[1]) }
      let words = places.points.map { "\($0[0]) \($0[1])" }.joined(separator: ", ")
      return SimilarityAligner(
        scheme: .eyesNoseMouth, identity: "similarity to \(words) in \(places.side)", template: points,
        side: places.side)
    }
    return alignment == "dlib" ? DlibAligner() : SimilarityAligner.arcFace
  }

  /// The measured thresholds.
  func operatingPoint(_ augmentation: EngineAugmentation) -> OperatingPoint? {
    switch augmentation {
    case .none: point
    case .flip: flippedPoint
    }
  }

  /// The network with what the file left open.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when it has no such output or cannot take images of that size.
  func completed(_ network: Network, file: String) throws(EngineError) -> Network {
    var network = network
    network.preprocessing = preprocessing
    do {
      if let size { network = try network.anySize().fixed(height: size.height, width: size.width) }
      let wanted = output ?? (network.outputs.count == 1 ? network.outputs[0] : nil)
      guard let wanted, network.outputs.contains(wanted) else {
        throw EngineError(
          .invalidWeights,
          "\(file) has the outputs \(network.outputs.joined(separator: ", ")); name one as \"output\" in "
            + "\(Self.url(beside: URL(filePath: file)).lastPathComponent).")
      }
      return try network.ending(with: wanted)
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.invalidWeights, "\(file) cannot embed faces: \(error)")
    }
  }

  /// Writes an operating point into the notes, and leaves everything else as it is.
  static func store(_ point: OperatingPoint, _ key: String, in url: URL) throws(EngineError) {
    try rewriting(url) { members, path in
      members[key] = try JSONSerialization.jsonObject(with: JSONEncoder().encode(point))
      let data = try JSONSerialization.data(
        withJSONObject: members, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
      try ReplacementFile.write(data, to: path)
    }
  }

  /// Checks that ``store(_:_:in:)`` can write into the notes.
  static func checkStore(in url: URL) throws(EngineError) {
    try rewriting(url) { _, path in _ = try ReplacementFile(path) }
  }

  private static func rewriting(
    _ url: URL, _ body: (inout [String: Any], String) throws -> Void
  ) throws(EngineError) {
    let path = url.path(percentEncoded: false)
    guard InputFile.exists(path) else {
      throw EngineError(
        .invalidWeights,
        "\(path) is not there: thresholds are stored in the .json beside an ONNX file, which says what the network takes."
      )
    }
    do {
      guard
        var members = try JSONSerialization.jsonObject(with: InputFile.read(path)) as? [String: Any]
      else { throw EngineError(.invalidWeights, "\(path) is no JSON object.") }
      try body(&members, path)
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(
        .invalidWeights,
        "The thresholds cannot be stored in \(path): it is no JSON file, or may not be written.")
    }
  }
}
