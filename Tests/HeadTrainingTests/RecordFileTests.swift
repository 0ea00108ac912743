import Foundation
import Testing

@testable import HeadTraining

@Suite("The feature cache's file")
struct RecordFileTests {
  private func temporary() -> URL {
    FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString).bin")
  }

  private func key(_ number: UInt8, _ variant: UInt64 = 0) -> RecordFile.Key {
    RecordFile.Key(photo: [UInt8](repeating: number, count: 32), variant: variant)
  }

  @Test("finds records again, also after opening anew")
  func keeps() throws {
    let url = temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      let file = try RecordFile(url, identity: "a", payload: 5)
      try file.append([(key(1), [1, 2, 3, 4, 5]), (key(1, 7), [9, 9, 9, 9, 9])])
      #expect(file.read(key(1)) == [1, 2, 3, 4, 5])
      #expect(file.read(key(2)) == nil && !file.contains(key(2)))
    }
    let file = try RecordFile(url, identity: "a", payload: 5)
    #expect(file.count == 2 && file.read(key(1, 7)) == [9, 9, 9, 9, 9])
    #expect(file.bytes == (try Data(contentsOf: url)).count)
  }

  @Test("refuses the cache of another engine, and a file that another process uses")
  func foreign() throws {
    let url = temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      let file = try RecordFile(url, identity: "a", payload: 5)
      try file.append([(key(1), [1, 2, 3, 4, 5])])
      #expect {
        try RecordFile(url, identity: "a", payload: 5)
      } throws: {
        ($0 as? TrainingError)?.code == .inaccessible
      }
    }
    for (identity, payload) in [("b", 5), ("a", 6)] {
      #expect {
        try RecordFile(url, identity: identity, payload: payload)
      } throws: {
        ($0 as? TrainingError)?.code == .foreignFile
      }
    }
    #expect(try RecordFile(url, identity: "a", payload: 5).count == 1)
  }

  @Test("cuts off what a kill left, and takes a damaged record for none")
  func damage() throws {
    let url = temporary()
    defer { try? FileManager.default.removeItem(at: url) }
    do {
      let file = try RecordFile(url, identity: "a", payload: 5)
      for number in 1...3 {
        try file.append([(key(UInt8(number)), [UInt8](repeating: UInt8(number), count: 5))])
      }
    }
    var bytes = try Data(contentsOf: url)
    let record = (bytes.count - 48) / 3
    bytes[48 + record + 42] ^= 1
    bytes.removeLast(4)
    try bytes.write(to: url)
    let file = try RecordFile(url, identity: "a", payload: 5)
    #expect(file.read(key(1)) == [1, 1, 1, 1, 1])
    #expect(file.read(key(2)) == nil)
    #expect(file.read(key(3)) == nil)
    try file.append([(key(2), [2, 2, 2, 2, 2]), (key(3), [3, 3, 3, 3, 3])])
    #expect(file.read(key(2)) == [2, 2, 2, 2, 2] && file.read(key(3)) == [3, 3, 3, 3, 3])
  }

  @Test("keeps what it holds when the disk is full")
  func full() throws {
    try #require(FileManager.default.fileExists(atPath: "/dev/full"))
    #expect {
      try RecordFile(URL(filePath: "/dev/full"), identity: "a", payload: 5)
    } throws: {
      ($0 as? TrainingError)?.code == .inaccessible
    }
  }
}
