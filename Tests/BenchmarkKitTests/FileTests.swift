import Foundation
import Testing

@testable import BenchmarkKit

@Suite("Files of vectors")
struct FileTests {
  private func npy(
    _ type: String, _ shape: String, _ bytes: [UInt8], version: UInt8 = 1, order: String = "False"
  )
    -> Data
  {
    let header = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
    var data = Data([0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(header.count), 0])
    if version > 1 { data.append(contentsOf: [0, 0]) }
    return data + header + bytes
  }

  private func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }

  @Test("every element type and version is read")
  func types() throws {
    let expected = VectorSet(dimension: 2, values: [1, -2, 0.5, 4])
    #expect(try NPYArray(npy("<f4", "(2, 2)", bytes(expected.values)), name: "a").vectors() == expected)
    #expect(
      try NPYArray(npy("<f4", "(2, 2)", bytes(expected.values), version: 2), name: "a").vectors() == expected)
    let doubles = [1, -2, 0.5, 4.0].flatMap { withUnsafeBytes(of: $0.bitPattern) { Array($0) } }
    #expect(try NPYArray(npy("<f8", "(2, 2)", doubles), name: "a").vectors() == expected)
    // binary16: 1, −2, 0.5, 4, the smallest subnormal and the greatest number.
    let halves: [UInt16] = [0x3C00, 0xC000, 0x3800, 0x4400, 0x0001, 0x7BFF]
    let halfBytes = halves.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(
      try NPYArray(npy("<f2", "(3, 2)", halfBytes), name: "a").vectors().values
        == [1, -2, 0.5, 4, 0x1p-24, 65504])
    #expect(try NPYArray(npy("|i1", "(1, 2)", [0xFF, 3]), name: "a").vectors().values == [-1, 3])
    #expect(try NPYArray(npy("|u1", "(2, 1)", [0xFF, 3]), name: "a").vectors().values == [255, 3])
    #expect(try NPYArray(npy("<i4", "(1, 1)", [7, 0, 0, 0]), name: "a").ids() == [[7]])
    #expect(try NPYArray(npy("<i8", "(1, 1)", [7, 1, 0, 0, 0, 0, 0, 0]), name: "a").ids() == [[263]])
  }

  @Test("what is wrong with a file is said")
  func refusals() {
    let good = npy("<f4", "(2, 2)", bytes([1, 2, 3, 4]))
    let cases: [(Data, String)] = [
      (Data(), "no NPY"), (Data("hello, this is text".utf8), "no NPY"),
      (good.dropLast(), "truncated"), (good.prefix(40), "header"),
      (npy("<f4", "(2, 2)", bytes([1, 2, 3, 4]), version: 9), "version 9"),
      (npy("<f4", "(2, 2)", bytes([1, 2, 3, 4]), order: "True"), "Fortran"),
      (npy(">f4", "(2, 2)", bytes([1, 2, 3, 4])), ">f4"), (npy("<c8", "(1, 1)", bytes([1, 2])), "<c8"),
      (npy("<f4", "(4,)", bytes([1, 2, 3, 4])), "two dimensions"),
      (npy("<f4", "(0, 4)", []), "above 0"), (npy("<f4", "(-1, 4)", []), "above 0"),
      (npy("<f4", "(9223372036854775807, 4)", []), "truncated"),
      (npy("<f4", "(x, 4)", []), "none"),
    ]
    for (data, words) in cases {
      let error = #expect(throws: InputError.self) { try NPYArray(data, name: "b.npy") }
      #expect(error?.description.contains(words) == true, "\(words): \(error?.description ?? "no error")")
      #expect(error?.description.contains("b.npy") == true)
    }
  }

  @Test("a NaN is named by row and column", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) throws {
    let array = try NPYArray(npy("<f4", "(2, 2)", bytes([1, 2, 3, value])), name: "b")
    let error = #expect(throws: InputError.self) { try array.vectors() }
    #expect(error?.description.contains("row 1, column 1") == true)
  }

  @Test("no prefix or flipped byte of a file crashes the reader")
  func fuzz() {
    let good = npy("<f4", "(2, 2)", bytes([1, 2, 3, 4]))
    for length in 0..<good.count { _ = try? NPYArray(good.prefix(length), name: "p").vectors() }
    for index in good.indices {
      for bit in 0..<8 {
        var bad = good
        bad[index] ^= 1 << bit
        _ = try? NPYArray(bad, name: "f").vectors()
        _ = try? NPYArray(bad, name: "f").ids()
      }
    }
  }

  @Test("what is written is read")
  func roundTrip() throws {
    try withFolder { (folder: URL) throws in
      let set = VectorSet(dimension: 3, values: [1, 2, 3, 4, 5, 6])
      let file = folder.appendingPathComponent("a.npy")
      try NPYArray.write(set, to: file)
      #expect(try VectorFile.vectors(contentsOf: file) == set)
      #expect(try Data(contentsOf: file).count == 128 + 24)
      #expect(throws: InputError.self) {
        try NPYArray.write(set, to: folder.appendingPathComponent("no/a.npy"))
      }
      #expect(throws: InputError.self) {
        try VectorFile.vectors(contentsOf: folder.appendingPathComponent("none.npy"))
      }
      #expect(throws: InputError.self) {
        try VectorFile.vectors(contentsOf: folder.appendingPathComponent("a.hdf5"))
      }
    }
  }

  @Test("fvecs, bvecs and ivecs are read, damaged ones refused")
  func vecs() throws {
    try withFolder { (folder: URL) throws in
      let file = { (name: String, bytes: [UInt8]) throws -> URL in
        let url = folder.appendingPathComponent(name)
        try Data(bytes).write(to: url)
        return url
      }
      let row = [2, 0, 0, 0] + bytes([1, 2])
      #expect(
        try VectorFile.vectors(contentsOf: file("a.fvecs", row + row))
          == VectorSet(dimension: 2, values: [1, 2, 1, 2]))
      #expect(try VectorFile.vectors(contentsOf: file("a.bvecs", [1, 0, 0, 0, 200])).values == [200])
      #expect(
        try VectorFile.ids(contentsOf: file("a.ivecs", [2, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0])) == [[5, 6]])
      for (name, bytes) in [
        ("empty.fvecs", []), ("cut.fvecs", Array(row.dropLast())), ("zero.fvecs", [0, 0, 0, 0]),
        ("mixed.fvecs", row + [1, 0, 0, 0] + Array(row[4...])), ("nan.fvecs", [1, 0, 0, 0] + bytes([.nan])),
      ] as [(String, [UInt8])] {
        #expect(throws: InputError.self, "\(name)") { try VectorFile.vectors(contentsOf: file(name, bytes)) }
      }
    }
  }

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }
}
