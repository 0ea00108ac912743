import Foundation
import Support
import TensorFiles
import Testing

@Suite("Heads of tensor files")
struct HeaderTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".tensors")
    .path(percentEncoded: false)

  private func mapped<Result>(_ bytes: some Sequence<UInt8>, _ body: (MappedFile) throws -> Result) throws
    -> Result
  {
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(try MappedFile(path))
  }

  /// A file with this JSON and so many bytes of tensors.
  private func safetensors(_ json: String, bytes: Int) -> [UInt8] {
    withUnsafeBytes(of: UInt64(json.utf8.count).littleEndian) { Array($0) } + Array(json.utf8)
      + Array(repeating: 7, count: bytes)
  }

  @Test("what was written is read, at the place where the format's own library expects it")
  func roundTrip() throws {
    let head = try #require(
      SafetensorsHeader.bytes(
        of: [("b", "F32", [2, 3]), ("a", "U8", [5])], metadata: ["origin": "“quoted” \"text\""]))
    #expect(head.count % 8 == 0)
    try mapped(head + Data(count: 29)) { file in
      let header = try SafetensorsHeader(file)
      #expect(header.start == head.count)
      #expect(header.metadata == ["origin": "“quoted” \"text\""])
      #expect(header.tensors["b"]?.range == head.count..<head.count + 24)
      #expect(header.tensors["a"]?.range == head.count + 24..<head.count + 29)
      #expect(header.tensors["b"]?.shape == [2, 3] && header.tensors["b"]?.type == "F32")
    }
    #expect(SafetensorsHeader.bytes(of: [("a", "F32", [1])], metadata: [:], size: 4096)?.count == 4096)
    #expect(SafetensorsHeader.bytes(of: [("a", "F32", [1])], metadata: [:], size: 40) == nil)
    #expect(SafetensorsHeader.bytes(of: [("a", "F32", [1]), ("a", "F32", [1])], metadata: [:]) == nil)
  }

  @Test(
    "extents and offsets that cannot be are refused before a byte is read",
    arguments: [
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}"#, TensorFileError.Code.wrongShape),
      (#"{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}"#, .wrongShape),
      (#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, .wrongShape),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, .wrongShape),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, .wrongShape),
      (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, .wrongShape),
      (#"{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}"#, .truncated),
      (#"{"a":{"dtype":"F32","shape":[2]}}"#, .unreadable),
      (#"{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}"#, .unreadable),
      (#"{"a":["#, .unreadable),
    ])
  func impossible(json: String, code: TensorFileError.Code) throws {
    try mapped(safetensors(json, bytes: 16)) { file in
      let error = #expect(throws: TensorFileError.self) { try SafetensorsHeader(file) }
      #expect(error?.code == code, "\(json): \(error?.what ?? "")")
    }
  }

  @Test("a file cut anywhere in its head is refused")
  func truncated() throws {
    let head =
      try #require(SafetensorsHeader.bytes(of: [("a", "F32", [4])], metadata: ["k": "v"])) + Data(count: 16)
    for count in 0..<head.count {
      _ = try mapped(head.prefix(count)) { file in
        #expect(throws: TensorFileError.self) { try SafetensorsHeader(file) }
      }
    }
    let array = NPYHeader.bytes(rows: 2, columns: 3)
    for count in 0..<array.count {
      _ = try mapped(array.prefix(count)) { file in
        #expect(throws: TensorFileError.self) { try NPYHeader(file) }
      }
    }
  }

  @Test("heads of NumPy files, as NumPy itself writes them")
  func numpy() throws {
    // numpy.save(f, numpy.zeros((2, 3), "<f8")), NumPy 2.4.
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"
    let padded = text + String(repeating: " ", count: 128 - 10 - text.count - 1) + "\n"
    let bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8)
    try mapped(bytes) { file in
      let header = try NPYHeader(file)
      #expect(header.type == "<f8" && header.shape == [2, 3] && header.start == 128)
    }
    try mapped(NPYHeader.bytes(rows: 1_000_000, columns: 128)) { file in
      let header = try NPYHeader(file)
      #expect(header.shape == [1_000_000, 128] && header.start == file.bytes.count && header.start % 64 == 0)
    }
    let fortran = padded.replacing("False", with: "True ")
    try mapped([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(fortran.utf8)) { file in
      let error = #expect(throws: TensorFileError.self) { try NPYHeader(file) }
      #expect(error?.code == .wrongShape)
    }
  }
}
