import Foundation
import Testing

@Suite("galleryctl train")
struct TrainCommandTests {
  private func train(_ words: String...) throws -> (status: Int32, errors: String) {
    let galleryctl = try Galleryctl()
    let people = galleryctl.folder.appending(path: "people/Ada")
    try FileManager.default.createDirectory(at: people, withIntermediateDirectories: true)
    try Data().write(to: people.appending(path: "empty.jpg"))
    let run = try galleryctl.run(["train"] + words, environment: [:])
    return (run.status, run.errors)
  }

  @Test("asks for the backbone and the model")
  func needed() throws {
    let run = try train("people")
    #expect(run.status == 2 && run.errors.contains("--backbone"))
  }

  @Test(
    "refuses options outside their ranges before it looks at a photo",
    arguments: [
      ["--margin", "0"], ["--margin", "-1"], ["--dropout", "1"], ["--people", "1"], ["--epochs", "0"],
      ["--mining", "hardest"], ["--fold", "0"], ["--side", "8"],
    ])
  func ranges(words: [String]) throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.run(
      ["train", "people", "--backbone", "b.h5", "--out", "m.safetensors"] + words, environment: [:])
    #expect(run.status == 2, "\(run.errors)")
  }

  @Test("says which folder, weights file or output cannot be used")
  func badInput() throws {
    let missing = try train("nobody", "--backbone", "b.h5", "--out", "m.safetensors")
    #expect(missing.status == 3 && missing.errors.contains("nobody"))
    let weights = try train("people", "--backbone", "b.h5", "--out", "m.safetensors")
    #expect(weights.status == 3 && weights.errors.contains("b.h5"), "\(weights.errors)")
    let output = try train("people", "--backbone", "b.h5", "--out", "m.keras")
    #expect(output.status == 2 && output.errors.contains(".safetensors"))
    let fold = try train("people", "--backbone", "b.h5", "--out", "m.safetensors", "--fold", "1")
    #expect(fold.status == 2 && fold.errors.contains("--hold-out"))
  }
}
