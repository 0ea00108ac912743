internal import Foundation
internal import Imaging
internal import NeuralNetwork

extension YuNetNetwork {
  /// OpenCV Zoo's network with its weights in blocks of 8 bits.
  package static let fileName = "face_detection_yunet_2023mar_int8bq.onnx"

  /// Makes networks from one weights file, each for one thread.
  package struct Source: Sendable {
    private let network: Network
    private let digest: String

    /// Reads the network.
    ///
    /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`.
    package init(weights: WeightsFile) throws(EngineError) {
      digest = weights.digest
      do {
        var network = try NetworkReader.network(at: URL(filePath: weights.path), digest: digest).anySize()
        // The network was trained on values from 0 to 255 in OpenCV's order.
        network.preprocessing = Preprocessing(order: .bgr, mean: [0, 0, 0], scale: 1)
        let outputs = Set(network.outputs)
        for name in YuNetOutput.strides.flatMap({ stride in YuNetPlans.parts.map { "\($0)_\(stride)" } })
        where !outputs.contains(name) {
          throw EngineError(.invalidWeights, "\(weights.name) is not YuNet: it has no output \(name).")
        }
        self.network = network
      } catch let error as EngineError {
        throw error
      } catch {
        throw EngineError(.invalidWeights, "\(weights.name) cannot be read: \(error)", weights: weights.path)
      }
    }

    /// A network for one thread.
    package func make() -> YuNetNetwork {
      let plans = YuNetPlans(network)
      return YuNetNetwork(
        weightsDigest: digest,
        describe: { width, height throws(EngineError) in try plans.steps(width: width, height: height) },
        run: { image throws(EngineError) in try plans.run(image) })
    }
  }
}

/// Plans for the sizes of pictures that were seen last: a plan is for one size, and photos of a camera share theirs.
/// Two more are those of ``TiltedFace``'s views.
private final class YuNetPlans {
  static let parts = ["cls", "obj", "bbox", "kps"]
  private static let most = 6
  /// Pixels of all plans together, as one alone may have them: each takes some 55 bytes.
  private static let mostPixels = 4_096 * 3_072

  private let network: Network
  /// The one used last at the end.
  private var plans: [(width: Int, height: Int, plan: ExecutionPlan)] = []

  init(_ network: Network) { self.network = network }

  func run(_ image: RGBImage) throws(EngineError) -> [YuNetOutput.Level] {
    do {
      let plan = try plan(width: image.width, height: image.height)
      try plan.execute(rgb: image.pixels)
      var levels: [YuNetOutput.Level] = []
      for stride in YuNetOutput.strides {
        func values(_ part: String) throws -> [Float] {
          guard let values = plan.result(of: "\(part)_\(stride)") else {
            throw EngineError(.internalFailure, "YuNet gave no \(part)_\(stride).")
          }
          return values
        }
        levels.append(
          YuNetOutput.Level(
            stride: stride, faceScores: try values("cls"), objectScores: try values("obj"),
            boxes: try values("bbox"), landmarks: try values("kps")))
      }
      return levels
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(network: error)
    }
  }

  func steps(width: Int, height: Int) throws(EngineError) -> [LayerDescription] {
    do {
      return try plan(width: width, height: height).layerDescriptions
    } catch {
      throw EngineError(network: error)
    }
  }

  private func plan(width: Int, height: Int) throws -> ExecutionPlan {
    if let place = plans.firstIndex(where: { $0.width == width && $0.height == height }) {
      let known = plans.remove(at: place)
      plans.append(known)
      return known.plan
    }
    while plans.count == Self.most
      || !plans.isEmpty && plans.reduce(width * height, { $0 + $1.width * $1.height }) > Self.mostPixels
    {
      plans.removeFirst()
    }
    let plan = try ExecutionPlan(network, height: height, width: width, options: PlanOptions(batch: 1))
    plans.append((width, height, plan))
    return plan
  }
}
