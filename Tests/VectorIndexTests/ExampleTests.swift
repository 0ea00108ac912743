import Foundation
import Testing

@Suite("The example of the documentation")
struct ExampleTests {
  @Test("it finds the nearest keys, and fewer than k are a short answer")
  func embeddedIndex() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString).index")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try nearestKeys(savingTo: path) == [[10, 30], [20, 10]])
  }
}
