internal import CONNX
import Foundation
internal import Support

/// Takes an ONNX file apart: protobuf by libprotobuf-c, every number checked against the extents that the file states.
///
/// Contract: libprotobuf-c gives a list of `n` entries with each `n`, and all of it is valid until ``read(_:)`` frees it; what is
/// returned is copied.
struct ONNXReader {
  private let file: String

  /// The data types of tensors that the runtime reads, by ONNX's numbers.
  private enum ElementType: Int32 {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case bool = 9
    case float16 = 10
    case double = 11
    case uint32 = 12
    case uint64 = 13
    case bfloat16 = 16

    var size: Int {
      switch self {
      case .uint8, .int8, .bool: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .float, .int32, .uint32: 4
      case .int64, .double, .uint64: 8
      }
    }
  }

  /// Reads a file.
  ///
  /// - Throws: `WeightsError` in one sentence that names the node or tensor.
  static func read(_ url: URL) throws(WeightsError) -> ONNXGraph {
    let mapped = try MappedFile(weights: url)
    let reader = ONNXReader(file: mapped.name)
    let unpacked = withExtendedLifetime(mapped) {
      onnx__model_proto__unpack(
        nil, mapped.bytes.count, mapped.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
    guard let unpacked else {
      // The library does not tell a lack of memory from damage.
      guard FreeMemory.has(mapped.bytes.count * 4 + 64 << 20) else {
        throw WeightsError(.inaccessible, "There is not enough memory to read \(mapped.name).")
      }
      throw WeightsError(
        .damaged, "\(mapped.name) is damaged or truncated: it is no ONNX file that can be read.")
    }
    defer { onnx__model_proto__free_unpacked(unpacked, nil) }
    return try reader.graph(unpacked.pointee)
  }

  private func graph(_ model: Onnx__ModelProto) throws(WeightsError) -> ONNXGraph {
    guard let graph = model.graph?.pointee else {
      throw WeightsError(.damaged, "\(file) is damaged or truncated: it holds no ONNX graph.")
    }
    var opset = 0
    for entry in Self.list(model.opset_import, model.n_opset_import) where Self.text(entry.domain).isEmpty {
      opset = Int(entry.version)
    }
    let nodes = Self.list(graph.node, graph.n_node)
    guard (7...21).contains(opset) else {
      let first = nodes.first.map { ", from \(Self.named($0, 0).place) on" } ?? ""
      throw WeightsError(
        .unsupported,
        "\(file) uses ONNX's operators of version \(opset)\(first); versions 7 to 21 can be read: export it with one of these."
      )
    }
    var result = ONNXGraph(opset: opset, operators: [], constants: [:], inputs: [], outputs: [])
    for (index, node) in nodes.enumerated() { result.operators.append(try operation(node, index)) }
    var readers: [String: ONNXGraph.Operator] = [:]
    for node in result.operators {
      for input in node.inputs where readers[input] == nil { readers[input] = node }
    }
    for tensor in Self.list(graph.initializer, graph.n_initializer) {
      let name = Self.text(tensor.name)
      result.constants[name] = try value(
        tensor, "tensor \(name)" + (readers[name].map { " of \($0.place)" } ?? ""))
      result.types[name] = WholeType(rawValue: Int(tensor.data_type))
    }
    // Files of old versions list the constants among the inputs, also those that no operator takes any more.
    let used = Set(result.operators.flatMap(\.inputs))
    let given = Set(result.operators.flatMap(\.outputs))
    result.inputs = Self.list(graph.input, graph.n_input).map(Self.port).filter {
      result.constants[$0.name] == nil && used.contains($0.name) && !given.contains($0.name)
    }
    result.outputs = Self.list(graph.output, graph.n_output).map(Self.port)
    return result
  }

  /// An operator without its options.
  private static func named(_ node: Onnx__NodeProto, _ index: Int) -> ONNXGraph.Operator {
    let outputs = texts(node.output, node.n_output)
    let own = text(node.name)
    return ONNXGraph.Operator(
      name: own.isEmpty ? outputs.first ?? "\(index)" : own, kind: text(node.op_type),
      domain: text(node.domain), inputs: texts(node.input, node.n_input), outputs: outputs)
  }

  private func operation(_ node: Onnx__NodeProto, _ index: Int) throws(WeightsError) -> ONNXGraph.Operator {
    var result = Self.named(node, index)
    for attribute in Self.list(node.attribute, node.n_attribute) {
      let name = Self.text(attribute.name)
      if attribute.has_i != 0 { result.integers[name] = [Int(attribute.i)] }
      if attribute.n_ints > 0 {
        result.integers[name] = UnsafeBufferPointer(start: attribute.ints, count: attribute.n_ints).map {
          Int($0)
        }
      }
      // An empty list is one: its type says so.
      if attribute.type == 7, attribute.n_ints == 0 { result.integers[name] = [] }
      if attribute.has_f != 0 { result.reals[name] = [attribute.f] }
      if attribute.n_floats > 0 {
        result.reals[name] = Array(UnsafeBufferPointer(start: attribute.floats, count: attribute.n_floats))
      }
      if attribute.has_s != 0 {
        result.words[name] = String(
          decoding: UnsafeBufferPointer(start: attribute.s.data, count: attribute.s.len), as: UTF8.self)
      }
      if let tensor = attribute.t?.pointee {
        result.tensors[name] = try value(tensor, "the \(name) of \(result.place)")
      }
    }
    return result
  }

  private static func port(_ info: Onnx__ValueInfoProto) -> ONNXGraph.Port {
    let shape = info.type?.pointee.tensor_type?.pointee.shape?.pointee
    let extents = list(shape?.dim, shape?.n_dim ?? 0).map { dimension -> Int? in
      dimension.has_dim_value != 0 && dimension.dim_value > 0 ? Int(dimension.dim_value) : nil
    }
    return ONNXGraph.Port(name: text(info.name), extents: extents)
  }

  // MARK: tensors

  private func value(_ tensor: Onnx__TensorProto, _ title: String) throws(WeightsError) -> TensorValue {
    let extents = UnsafeBufferPointer(start: tensor.dims, count: tensor.n_dims).map { Int($0) }
    let count: Int
    do { count = try TensorValue.count(extents, of: title) } catch {
      throw WeightsError(
        .wrongShape, "In \(file), \(title) states extents of \(extents), which cannot be true.")
    }
    guard tensor.data_location == 0, tensor.n_external_data == 0 else {
      let place = Self.list(tensor.external_data, tensor.n_external_data)
        .first { Self.text($0.key) == "location" }.map { Self.text($0.value) }
      throw WeightsError(
        .unsupported,
        "In \(file), \(title) is in another file (\(place ?? "not named")); save the network with its weights in one."
      )
    }
    guard let type = ElementType(rawValue: tensor.data_type) else {
      throw WeightsError(
        .unsupported,
        "In \(file), \(title) is of ONNX's data type \(tensor.data_type), which the runtime does not read.")
    }
    let numbers = try tensor.has_raw_data != 0 ? raw(tensor, type, count, title) : listed(tensor, type)
    let found =
      switch numbers {
      case .real(let values): values.count
      case .integers(let values): values.count
      case .narrow(let values): values.count
      case .bytes(let kernel): kernel.values.count
      }
    guard found == count else {
      throw WeightsError(
        .wrongShape, "In \(file), \(title) has \(found) numbers, and should have \(count).")
    }
    return TensorValue(extents, numbers)
  }

  /// Numbers as the bytes of the file, little-endian.
  private func raw(
    _ tensor: Onnx__TensorProto, _ type: ElementType, _ count: Int, _ title: String
  ) throws(WeightsError) -> TensorValue.Numbers {
    let bytes = UnsafeRawBufferPointer(start: tensor.raw_data.data, count: tensor.raw_data.len)
    guard bytes.count == count * type.size else {
      throw WeightsError(
        .wrongShape, "In \(file), \(title) has \(bytes.count) bytes, and should have \(count * type.size).")
    }
    // From here on every element lies in the bytes.
    func integers<Number: FixedWidthInteger>(_: Number.Type) -> TensorValue.Numbers {
      assert(MemoryLayout<Number>.size == type.size)
      return .integers(
        (0..<count).map {
          Int(
            clamping: Number(
              littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * type.size, as: Number.self)))
        })
    }
    func reals(_ number: (Int) -> Float) -> TensorValue.Numbers { .real((0..<count).map(number)) }
    switch type {
    case .float:
      return .real(
        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
          filled = count
        })
    case .double: return reals { Float(bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self)) }
    case .float16:
      return reals {
        Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)))
      }
    case .bfloat16:
      return reals {
        Float(bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)) << 16)
      }
    case .uint8, .bool: return .narrow(NarrowNumbers(bytes: Array(bytes), isSigned: false))
    case .int8: return .narrow(NarrowNumbers(bytes: Array(bytes), isSigned: true))
    case .uint16: return integers(UInt16.self)
    case .int16: return integers(Int16.self)
    case .int32: return integers(Int32.self)
    case .uint32: return integers(UInt32.self)
    case .int64: return integers(Int64.self)
    case .uint64: return integers(UInt64.self)
    }
  }

  /// Numbers as lists of protobuf.
  private func listed(_ tensor: Onnx__TensorProto, _ type: ElementType) -> TensorValue.Numbers {
    let words = UnsafeBufferPointer(start: tensor.int32_data, count: tensor.n_int32_data)
    switch type {
    case .float:
      return .real(Array(UnsafeBufferPointer(start: tensor.float_data, count: tensor.n_float_data)))
    case .double:
      return .real(
        UnsafeBufferPointer(start: tensor.double_data, count: tensor.n_double_data).map { Float($0) })
    case .float16: return .real(words.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
    case .bfloat16:
      return .real(words.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) })
    case .int64:
      return .integers(
        UnsafeBufferPointer(start: tensor.int64_data, count: tensor.n_int64_data).map { Int($0) })
    case .uint8, .int8:
      return .narrow(
        NarrowNumbers(bytes: words.map { UInt8(truncatingIfNeeded: $0) }, isSigned: type == .int8))
    case .uint32, .uint64:
      return .integers(
        UnsafeBufferPointer(start: tensor.uint64_data, count: tensor.n_uint64_data).map { Int(clamping: $0) })
    default: return .integers(words.map { Int($0) })
    }
  }

  // MARK: protobuf's structures

  private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }
  private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
  }

  private static func texts(_ list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int)
    -> [String]
  {
    assert(list != nil || count == 0)
    return UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).map { text($0) }
  }

  private static func list<Message>(
    _ list: UnsafeMutablePointer<UnsafeMutablePointer<Message>?>?, _ count: Int
  ) -> [Message] {
    assert(list != nil || count == 0)
    return UnsafeBufferPointer(start: list, count: list == nil ? 0 : count).compactMap { $0?.pointee }
  }
}
