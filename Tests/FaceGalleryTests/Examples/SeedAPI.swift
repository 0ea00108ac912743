// The ancestor's API in Swift; docs and README show this file, and a test runs it.
import FaceGallery
import Foundation

/// Fits a folder of people, then names the faces of a photo.
///
/// - Parameters:
///   - people: A folder with a sub-folder for each person, or with files such as `Ada_Lovelace_0001.jpg`.
///   - photo: A photo of people to be named.
///   - weights: The folder of the weights files.
///   - folder: Where the gallery is, or will be.
/// - Returns: A line for each face of the photo, largest first.
func nameFaces(people: URL, photo: URL, weights: URL, gallery folder: URL) throws -> [String] {
  let engine = try FaceEngine(EngineConfiguration(weightsDirectory: weights))
  let gallery = try Gallery.open(at: folder, engine: engine)

  let report = try gallery.fitDataset(at: people)
  var lines = ["\(report.added) photos of \(report.people) people added"]

  for face in try gallery.match(.file(photo)) {
    let similarity = face.similarity.map { String(format: "%.2f", $0) } ?? "–"
    lines.append("\(face.name ?? "unknown") \(similarity)")
  }

  let embeddings = try gallery.embeddings(in: .file(photo), maxFaces: 2)
  if embeddings.count == 2 {
    let comparison = try Gallery.compare(embeddings[0], embeddings[1])
    lines.append("squared distance of the two largest faces: \(comparison.squaredDistance)")
  }
  return lines
}
