public import FaceEngine
public import Foundation
public import NeuralNetwork
internal import Support

/// The frozen convolutions that a head is trained behind, and the engine that finds and cuts out faces for them.
public struct Backbone: Sendable {
  /// The convolutions at the input's size, with their preprocessing.
  public let network: Network
  /// The extents of the feature map.
  public let map: (height: Int, width: Int, channels: Int)
  /// The layer behind which VGG16 is cut off by default: on faces, what it tells apart is of more use than what the layers
  /// behind it make of that, which were trained to tell kinds of things.
  public static let preferredLayer = "pool4"

  /// Rows and columns of a face as the network sees it, unless told otherwise.
  public static let standardSide = 112
  /// What finds the faces, unless told otherwise: heads that are trained on what YuNet finds are more accurate than with dlib's HOG (docs/accuracy.md).
  public static let standardDetector = DetectorKind.yunet
  /// Detects, aligns, and gives flattened feature maps as descriptors.
  let engine: FaceEngine

  /// Values of a flattened feature map.
  public var features: Int { map.height * map.width * map.channels }

  /// Reads convolutions from a weights file of any format; layers behind the feature map, such as an older head, are
  /// left out.
  ///
  /// - Parameters:
  ///   - side: Rows and columns of a face as the network sees it.
  ///   - lastLayer: The layer whose output is the feature map; nil is ``preferredLayer``, or the last where the file has
  ///     none of that name.
  ///   - preprocessing: What is done to pixels where the file has nothing on record; VGGFace's is the default.
  ///   - configuration: The detector, ``standardDetector`` where it names none, the folder of its weights, and the number of threads.
  /// - Throws: ``TrainingError`` with code `badData` when the file has no convolutions or refuses the size;
  ///   `EngineError`'s messages as `inaccessible`.
  public init(
    _ url: URL, side: Int, lastLayer: String? = nil, preprocessing: Preprocessing? = nil,
    configuration: EngineConfiguration
  ) throws(TrainingError) {
    let name = url.lastPathComponent
    do {
      let whole = try NetworkReader.network(at: url)
      var convolutions = whole.nodes.prefix { node in
        switch node.layer {
        case .flatten, .dense, .globalAverage: false
        default: true
        }
      }
      if let end = convolutions.firstIndex(where: { $0.name == lastLayer ?? Self.preferredLayer }) {
        convolutions = convolutions[...end]
      } else if let lastLayer {
        throw TrainingError(
          .badData,
          "\(name) has no layer \"\(lastLayer)\" before its head; it has "
            + convolutions.map(\.name).joined(separator: ", ") + ".")
      }
      guard convolutions.contains(where: { if case .convolution = $0.layer { true } else { false } }),
        let last = convolutions.last
      else {
        throw TrainingError(
          .badData, "\(name) has no convolutions before its head; name VGG16's weights file.")
      }
      var network = try Network(
        input: InputShape(height: side, width: side, channels: 3), nodes: Array(convolutions),
        preprocessing: whole.preprocessing ?? preprocessing ?? .vggFace)
      guard
        case .image(let height, let width, let channels)? = try network.shapes(height: side, width: side).last
      else { throw TrainingError(.badData, "\(name) ends in no feature map.") }
      network.sourceDigest = whole.sourceDigest
      self.network = network
      map = (height, width, channels)
      let flat = try Network(
        input: network.input, nodes: network.nodes + [Node("flatten", .flatten, inputs: [last.name])],
        preprocessing: network.preprocessing)
      var configuration = configuration
      configuration.detector = configuration.detector ?? Self.standardDetector
      let digest = try MappedFile(url.path(percentEncoded: false)).digest()
      engine = try FaceEngine(
        configuration, embedding: EmbeddingNetwork(flat, digest: digest, file: name))
    } catch let error as TrainingError {
      throw error
    } catch let error as WeightsError {
      throw TrainingError(.badData, error.message)
    } catch let error as NetworkError {
      throw TrainingError(.badData, "\(name) cannot be used at \(side) × \(side) pixels: \(error.message)")
    } catch let error as EngineError {
      throw TrainingError(.badData, error.message)
    } catch {
      throw TrainingError(.inaccessible, "\(error)")
    }
  }

  /// The backbone with a head behind it, as the engine loads it, with a note of what found the faces.
  ///
  /// - Throws: ``TrainingError`` with code `badData` when the head does not fit the feature map.
  public func joined(with head: HeadParameters) throws(TrainingError) -> Network {
    guard head.shape.inputs == features else {
      throw TrainingError(
        .badData, "The head takes \(head.shape.inputs) values, and the feature map has \(features).")
    }
    do {
      var whole = try network.followed(
        by: head.network(height: map.height, width: map.width, channels: map.channels))
      whole.annotations[VGG16Engine.detectorKey] = engine.detector.rawValue
      return whole
    } catch {
      throw TrainingError(.badData, error.message)
    }
  }
}
