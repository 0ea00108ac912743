import Console
import Drawing
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Imaging
import Support

/// `galleryctl detect`: where the faces are and how good they are, without a gallery.
enum DetectCommand: Subcommand {
  static let crops = ValueOption<String>(
    "--crops", placeholder: "DIR", help: "Write each face, cut out and turned upright, as a PNG into DIR.")

  static let description = CommandDescription(
    name: "detect",
    summary: "Finds the faces in photos and videos, and says how well each could be recognised.",
    discussion:
      "In a video faces are followed from frame to frame; what is said is where each is recognised best. Exit status 3 says that one of the photos or videos could not be used: the others are looked at all the same.",
    positionals: [PhotoOperands.positional("PHOTO")],
    options: [
      AnnotationOutput.option, crops, VideoReading.every, Report.csv, PhotoOperands.list, LeftOut.verbose,
    ]
      + DetectionFlags.all,
    examples: [
      .init("galleryctl detect group.jpg", "lists the faces with box, size, sharpness and turn of the head"),
      .init(
        "galleryctl detect clip.mp4", "lists the faces of a video, with the times at which they are seen"),
      .init("galleryctl detect --annotate boxes.png group.jpg", "draws the boxes"),
      .init(
        "galleryctl detect --list - < photos.txt", "looks at the photos that standard input names, one a line"
      ),
      .init(
        "galleryctl detect --upsample 1 crowd.jpg", "looks harder, for faces of fewer than 16 pixels"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let operands = try PhotoOperands(arguments, of: description, usage: "detect -")
    var pictures = try AnnotationOutput(arguments, of: operands)
    let detector = arguments[DetectionFlags.detector]
    let finder = try arguments.finder(arguments[SharedOptions.engine] ?? .standard(for: detector))
    let options = DetectionFlags.options(arguments)
    var crops = try arguments[crops].map { try OutputFolder(URL(typed: $0, directoryHint: .isDirectory)) }
    var refusals: [InputError] = []
    let loop = PhotoLoop(operands, arguments, title: "detecting")
    var engine: FaceEngine?
    let results = try loop.run { photo, place, remarks throws -> [DetectedFace] in
      let picture = try photo.decoded(
        arguments.decoder, sizeHint: finder.decodeSizeHint(for: options))
      remarks = picture.remarks.map(\.message)
      let faces = try finder.detect(in: picture, options: options)
      if crops != nil, !faces.isEmpty {
        let image = try picture.finest()
        for (index, face) in faces.enumerated() {
          do {
            try crops?.write(try finder.chip(of: face, in: image), photo: place, face: index + 1)
          } catch let error as InputError {
            // The faces are told all the same.
            refusals.append(error)
          }
        }
      }
      try pictures.add(
        photo: place, picture, annotations: faces.map { FaceAnnotation($0.box, [], .detected) })
      return faces
    } video: { video, remarks throws -> [FaceTrack] in
      // Faces are followed by what they look like, too.
      let loaded =
        try engine ?? arguments.engine(arguments[SharedOptions.engine] ?? .standard(for: detector))
      engine = loaded
      let (tracks, damage) = try VideoReading.tracks(of: video, arguments) { every in
        VideoFaces(
          engine: loaded, every: every, detection: options,
          keepsPictures: pictures.isWanted || crops != nil)
      }
      if let damage { remarks.append(damage) }
      for track in tracks {
        guard let picture = try track.picture() else { continue }
        do {
          try crops?.write(picture, photo: video, face: track.number)
        } catch let error as InputError {
          refusals.append(error)
        }
        pictures.add(video: video, picture, [track.times])
      }
      return tracks
    }
    if arguments[SharedOptions.json] {
      Terminal.print(
        try JSONOutput.text(
          results.map {
            $0.record {
              $0
            } track: {
              TrackRecord($0)
            }
          }))
    } else {
      Terminal.print(table(results))
    }
    try pictures.write()
    for refusal in refusals.dropLast() { Terminal.note("error: \(refusal)\n") }
    if let refusal = refusals.last { throw refusal }
    return results.contains { $0.isUnusable } ? .badInput : .success
  }

  private static func table(_ results: [PhotoLoop.Result<DetectedFace, FaceTrack>]) -> Report {
    let (videos, photos) = (results.filter(\.isVideo), results.filter { !$0.isVideo })
    if videos.isEmpty { return photoTable(photos) }
    return photos.isEmpty ? videoTable(videos) : photoTable(photos) + videoTable(videos)
  }

  private static func videoTable(_ results: [PhotoLoop.Result<DetectedFace, FaceTrack>]) -> Report {
    var table = Table(
      .left("video"), .right("track"), .right("from"), .right("to"), .right("frames"), .right("at"),
      .right("x"), .right("y"), .right("size"), .right("score"), .right("sharpness"), .right("yaw"),
      .right("roll"))
    for result in results {
      for track in result.tracks ?? [] {
        let best = track.best[0]
        table.append(
          track.cells(of: result.photo) + [.init(VideoReading.time(best.time), value: "\(best.time)")]
            + cells(of: best.face.detection))
      }
    }
    let unusable = results.count { $0.isUnusable }
    let tracks = results.reduce(0) { $0 + ($1.tracks?.count ?? 0) }
    return Report(table)
      + "\(Format.count(tracks, "track")) in \(Format.count(results.count - unusable, "video"))"
      + (unusable > 0 ? "; \(unusable) unusable" : "") + "\n"
  }

  private static func cells(of face: DetectedFace) -> [Table.Cell] {
    let quality = face.quality
    return [
      .init(String(face.box.x)), .init(String(face.box.y)), .init("\(face.box.width)×\(face.box.height)"),
      number(quality.detectorScore, 2), number(quality.sharpness, 2), number(quality.yaw, 0, "°"),
      number(quality.roll, 0, "°"),
    ]
  }

  private static func photoTable(_ results: [PhotoLoop.Result<DetectedFace, FaceTrack>]) -> Report {
    var table = Table(
      .left("photo"), .right("face"), .right("x"), .right("y"), .right("size"), .right("score"),
      .right("sharpness"), .right("yaw"), .right("roll"))
    var withoutFaces = 0
    for result in results {
      guard let faces = result.value else { continue }
      if faces.isEmpty { withoutFaces += 1 }
      for (index, face) in faces.enumerated() {
        let head: [Table.Cell] = [
          .init(result.photo.lastPathComponent, value: result.photo.relativePath), .init(String(index + 1)),
        ]
        table.append(head + cells(of: face))
      }
    }
    let faces = results.reduce(0) { $0 + ($1.value?.count ?? 0) }
    let unusable = results.count { $0.isUnusable }
    let summary = "\(Format.count(faces, "face")) in \(Format.count(results.count - unusable, "photo"))"
    let note =
      (withoutFaces > 0 ? "; \(withoutFaces) without a face" : "")
      + (unusable > 0 ? "; \(unusable) unusable" : "")
    return Report(table) + summary + note + "\n"
  }

  private static func number(_ value: Float, _ digits: Int, _ unit: String = "") -> Table.Cell {
    .init(Format.fixed(Double(value), digits) + unit, value: "\(value)")
  }
}
