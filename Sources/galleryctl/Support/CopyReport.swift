import Console
import FaceGallery
import Foundation

/// What is in a gallery that was copied.
struct CopyReport: Encodable {
  let folder: String
  let people: Int
  let faces: Int
  let sequence: UInt64
  let bytes: Int

  init(_ info: GalleryInfo) {
    folder = info.url.path(percentEncoded: false)
    people = info.people
    faces = info.faces
    sequence = info.sequence
    bytes = info.databaseBytes + (info.snapshot.bytes ?? 0)
  }

  func print(as verb: String, warnings: [String] = [], _ arguments: Arguments) throws {
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(self, warnings: warnings))
    } else {
      Terminal.print(
        "\(verb) \(Format.count(people, "person", plural: "people")), \(Format.count(faces, "face")) "
          + "to \(folder), \(Format.bytes(bytes))\n")
    }
  }
}
