import Testing

@testable import Imaging

@Suite("The EXIF reader")
struct EXIFOrientationTests {
  private func find(_ bytes: [UInt8]) -> ImageOrientation? {
    bytes.withUnsafeBufferPointer { EXIFOrientation.find(in: $0) }
  }

  private let little: [UInt8] = [
    0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
  ]

  @Test("reads both byte orders, with and without the marker")
  func byteOrders() {
    let big: [UInt8] = [
      0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0,
    ]
    #expect(find(little) == .right)
    #expect(find(Array("Exif\0\0".utf8) + little) == .right)
    #expect(find(big) == .left)
  }

  @Test("takes no orientation from values that are none", arguments: [0, 9, 255])
  func impossibleValues(value: UInt8) {
    var bytes = little
    bytes[18] = value
    #expect(find(bytes) == nil)
  }

  @Test("finds nothing in data that lead nowhere")
  func garbage() {
    var farAway = little
    farAway.replaceSubrange(4..<8, with: [0xFF, 0xFF, 0xFF, 0xFF])
    #expect(find(farAway) == nil)
    var manyEntries = little
    manyEntries.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0, 0])
    #expect(find(manyEntries) == nil)
    #expect(find([]) == nil)
    #expect(find(Array("Exif\0\0".utf8)) == nil)
  }

  @Test("survives every cut and every changed byte")
  func hostile() {
    for length in 0..<little.count { _ = find(Array(little[..<length])) }
    for index in little.indices {
      for value in UInt8.min...UInt8.max {
        var bytes = little
        bytes[index] = value
        _ = find(bytes)
      }
    }
    #expect(find(Array(little[..<21])) == .right)
    #expect(find(Array(little[..<19])) == nil)
  }
}
