public import Foundation
internal import Support

/// A weights file of any format that can be read, told apart by its first bytes.
public enum NetworkReader {
  /// The formats.
  public enum Format: String, Sendable {
    /// Keras 2 or 3, whole model or weights, in HDF5.
    case kerasHDF5
    /// Keras 3's zip archive.
    case kerasArchive
    /// dlib's serialisation of the face recognition network.
    case dlib
    /// Our own.
    case safetensors
    /// ONNX.
    case onnx
  }

  /// The format of a file.
  ///
  /// - Throws: `WeightsError` when the file cannot be read or is of no known format.
  public static func format(of url: URL) throws(WeightsError) -> Format {
    let file = try MappedFile(weights: url)
    let head = Array(file.bytes.prefix(16))
    if head.starts(with: [0x89, 0x48, 0x44, 0x46]) { return .kerasHDF5 }
    if head.starts(with: [0x50, 0x4b]) { return .kerasArchive }
    if head.count > 8, head[8] == UInt8(ascii: "{") { return .safetensors }
    if ONNXImporter.isModel(head) { return .onnx }
    // These begin with no bytes of their own.
    if url.pathExtension == "dat" { return .dlib }
    if url.pathExtension == "onnx" { return .onnx }
    throw WeightsError(
      .unsupported,
      "\(file.name) has an unknown weights format; supported: Keras (.h5, .keras), ONNX (.onnx), safetensors, dlib's face network (.dat)."
    )
  }

  /// Reads a network with the digest of the file that it came from.
  ///
  /// - Throws: `WeightsError` that names the layer which is missing, unknown, of the wrong shape or not finite.
  public static func network(at url: URL) throws(WeightsError) -> Network {
    try network(at: url, digest: nil)
  }

  /// Reads a network as ``network(at:)`` does.
  ///
  /// - Parameter digest: The SHA-256 of the file, in hexadecimal, where the caller has it: to compute it takes as long as the rest.
  package static func network(at url: URL, digest: String?) throws(WeightsError) -> Network {
    var network: Network
    switch try format(of: url) {
    case .safetensors: return try NetworkFile.read(url)
    case .kerasHDF5, .kerasArchive: network = try KerasImporter.network(at: url)
    case .dlib: network = try DlibImporter.network(at: url)
    case .onnx: network = try ONNXImporter.network(at: url)
    }
    if let digest {
      network.sourceDigest = digest
    } else {
      network.sourceDigest = try MappedFile(weights: url).digest()
    }
    return network
  }

  /// Reads a network from two files: layers up to features, such as VGG16's convolutions, and a head that takes them.
  ///
  /// A flattening layer is put between them where the head has none.
  /// - Throws: `WeightsError` as ``network(at:)``, and when the two do not fit together.
  public static func network(at url: URL, head: URL) throws(WeightsError) -> Network {
    let backbone = try network(at: url)
    var top = try network(at: head)
    let digest = try MappedFile(weights: head).digest()
    if let convolution = top.nodes.first(where: \.isConvolution) {
      throw WeightsError(
        .unsupported,
        "\(head.lastPathComponent) is no head: its layer \(convolution.name) is a convolution; if it holds the whole "
          + "network, name it alone.")
    }
    do {
      if top.nodes[0].isDense, !backbone.nodes.contains(where: \.isDense) {
        let flatten = Node("flatten", .flatten, inputs: [Network.inputName])
        top = try Network(input: InputShape(), nodes: [flatten]).followed(by: top)
      }
      var whole = try backbone.followed(by: top)
      if let height = whole.input.height, let width = whole.input.width {
        _ = try whole.shapes(height: height, width: width)
      }
      whole.annotations["head_sha256"] = digest
      return whole
    } catch {
      throw WeightsError(
        .wrongShape,
        "\(head.lastPathComponent) does not fit behind \(url.lastPathComponent): \(error.message)")
    }
  }
}

extension Node {
  fileprivate var isConvolution: Bool { if case .convolution = layer { true } else { false } }
  fileprivate var isDense: Bool { if case .dense = layer { true } else { false } }
}
