import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl show`: what does the gallery hold of a person?
enum ShowCommand: Subcommand {
  static let description = CommandDescription(
    name: "show",
    summary: "Shows a person's faces: photo, box, size and sharpness of each.",
    positionals: [
      .init("PERSON", help: "A name, or id:NUMBER as `list` shows it.", lister: ListCommand.lister)
    ],
    options: [Report.csv],
    examples: [.init("galleryctl show \"Ada Lovelace\"", "lists her faces")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let person = try gallery.somebody(called: arguments.positionals[0])
    let faces = try gallery.faces(of: person.id)
    let tags = try gallery.tags(of: person.id)
    if arguments[SharedOptions.json] {
      Terminal.print(
        try JSONOutput.text(
          PersonDetailRecord(person, tags: tags, faces: faces.map { FaceRecord($0, withPath: true) })))
      return .success
    }
    var table = Table(
      .right("face"), .left("photo", limit: 60), .left("at"), .right("sharpness"), .left("added"))
    for face in faces {
      let box = face.detection?.box
      table.append([
        face.id.description, face.path ?? "", box.map { "\($0.x),\($0.y) \($0.width)×\($0.height)" } ?? "",
        face.detection.map { Format.fixed(Double($0.quality.sharpness), 2) } ?? "",
        Timestamp.text(face.added),
      ])
    }
    Terminal.print(
      "\(person.name), no. \(person.id), \(Format.count(faces.count, "face"))\n"
        + (tags.isEmpty ? "" : "tags: \(Tags.text(tags))\n") + Report(table))
    return .success
  }
}
