public import Foundation
internal import Support

/// Reads dlib's face recognition network from `dlib_face_recognition_resnet_model_v1.dat`.
///
/// dlib's file is a nest: each layer writes its version, the layer below it, then itself. So the versions come first,
/// from the loss down to the input, then the layers from the input up. What is no layer (a tag, or a skip back to a
/// tag) has only a version, 1; in dlib's residual blocks a single one is the tag before the block, and two together are
/// a tag after it and the skip back.
public enum DlibImporter {
  /// Reads the network.
  ///
  /// - Throws: `WeightsError` that names the layer which cannot be read.
  public static func network(at url: URL) throws(WeightsError) -> Network {
    var reader = DlibReader(try MappedFile(weights: url))
    guard try reader.integer() == 1, try reader.text() == "loss_metric_2" else {
      throw WeightsError(
        .unsupported,
        "\(reader.file) is no network of dlib's that ends in loss_metric, as face recognition does.")
    }
    // The loss' margin and distance threshold matter to training alone.
    _ = try reader.number()
    _ = try reader.number()
    var versions: [Int] = []
    repeat { versions.append(try reader.integer()) } while versions.last != 3 && versions.count < 4096
    guard versions.last == 3, versions.dropLast().allSatisfy({ $0 == 1 || $0 == 2 }) else {
      throw reader.damaged("has layers of an unknown version")
    }
    var network = DlibNetworkReader(reader)
    return try network.read(versions: versions.reversed())
  }
}
