public import Foundation

/// Reads networks from Keras files.
///
/// Accepted are whole models (`.keras` of Keras 3, `.h5` of Keras 2 and 3), whose configuration gives the
/// architecture, and weights alone (`.h5` of Keras 2, `.weights.h5` of Keras 3), which must be those of VGG16, of the
/// embedding head, or of one behind the other.
public enum KerasImporter {
  /// Reads a file of any of the forms, whatever it is called.
  ///
  /// - Throws: `WeightsError` that names the layer which is missing, unknown, of the wrong shape or not finite.
  public static func network(at url: URL) throws(WeightsError) -> Network {
    try NetworkReader.format(of: url) == .kerasArchive ? archive(url) : hdf5(url)
  }

  private static func archive(_ url: URL) throws(WeightsError) -> Network {
    let file = url.lastPathComponent
    let zip = try ZipArchive(url)
    guard let text = try zip.contents(of: "config.json"), let config = JSONValue(parsing: text) else {
      throw WeightsError(.damaged, "\(file) has no readable config.json; it is not a Keras 3 model.")
    }
    guard let image = try zip.contents(of: "model.weights.h5") else {
      throw WeightsError(.damaged, "\(file) has no model.weights.h5; it is not a Keras 3 model.")
    }
    let root = try HDF5Reader.read(image, named: "model.weights.h5 of \(file)", skipping: skipped)
    let variables = try KerasVariables(root, file: file)
    let model = try KerasModel(config)
    return try KerasLayerReader(variables: variables).network(model.layers, input: model.input)
  }

  private static func hdf5(_ url: URL) throws(WeightsError) -> Network {
    let file = url.lastPathComponent
    let root = try HDF5Reader.read(url, skipping: skipped)
    let variables = try KerasVariables(root, file: file)
    let reader = KerasLayerReader(variables: variables)
    if let text = root.attributes["model_config"]?.first {
      guard let config = JSONValue(parsing: Array(text.utf8)) else {
        throw WeightsError(.damaged, "The attribute model_config of \(file) is not JSON.")
      }
      let model = try KerasModel(config)
      return try reader.network(model.layers, input: model.input)
    }
    return try reader.network(try KerasTemplate(variables, root).layers, input: InputShape())
  }

  /// The optimiser's moments are of no use here, and twice the size of the weights.
  private static let skipped: Set<String> = ["optimizer_weights", "optimizer"]
}
