// The Python API that this project replaces, in Swift; the README shows this file, and a test runs it.
import FaceGallery
import Foundation

/// Fits a folder of people, then names the faces of a photo, largest first.
func nameFaces(people: URL, photo: URL, weights: URL, gallery folder: URL) throws -> [String] {
  let engine = try FaceEngine(EngineConfiguration(weightsDirectory: weights))
  let gallery = try Gallery.open(at: folder, engine: engine)
  let report = try gallery.fitDataset(at: people)
  var lines = ["\(report.added) photos of \(report.people) people added"]
  for face in try gallery.match(.file(photo)) {
    lines.append("\(face.name ?? "unknown"), similarity \(face.similarity ?? 0)")
  }
  let embeddings = try gallery.embeddings(in: .file(photo), maxFaces: 2)
  if embeddings.count == 2 {
    lines.append("\(try Gallery.compare(embeddings[0], embeddings[1]).squaredDistance)")
  }
  return lines
}
