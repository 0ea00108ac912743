import Console
import FaceGallery
import Foundation

/// What is in a gallery that was copied.
struct CopyReport: Encodable {
  let folder: String
  /// What could be read of the copy; nil when it could not.
  private let figures: Figures?
  private let warnings: [String]

  private struct Figures: Encodable {
    let people: Int
    let faces: Int
    let sequence: UInt64
    let bytes: Int
  }

  /// Reads a copy that is made: when that fails, a warning says so, since the copy is there all the same.
  ///
  /// - Parameter warnings: What went wrong before, which is said too.
  init(of copy: URL, warnings: [String] = []) {
    folder = copy.path(percentEncoded: false)
    do {
      let info = try Gallery.open(at: copy, options: GalleryOptions(access: .readOnly)).info()
      figures = Figures(
        people: info.people, faces: info.faces, sequence: info.sequence,
        bytes: info.databaseBytes + (info.snapshot.bytes ?? 0))
      self.warnings = warnings
    } catch {
      figures = nil
      self.warnings =
        warnings + ["All is copied, but the copy could not be opened to count what is in it. \(error)"]
    }
    for warning in self.warnings { Terminal.warn(warning) }
  }

  private enum Key: CodingKey { case folder }

  func encode(to encoder: any Encoder) throws {
    try figures?.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(folder, forKey: .folder)
  }

  func print(as verb: String, _ arguments: Arguments) throws {
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(self, warnings: warnings))
    } else if let figures {
      Terminal.print(
        "\(verb) \(Format.count(figures.people, "person", plural: "people")), \(Format.count(figures.faces, "face")) "
          + "to \(folder), \(Format.bytes(figures.bytes))\n")
    } else {
      Terminal.print("\(verb) to \(folder)\n")
    }
  }
}
