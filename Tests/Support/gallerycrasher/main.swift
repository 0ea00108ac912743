import FaceGallery
import Foundation
import LMDB

// Started by tests as a second process beside them; `gallerycrasher JOB FOLDER …`.
let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  report("usage: gallerycrasher JOB FOLDER [ARGUMENT …]")
  exit(2)
}
let folder = arguments[2]
let numbers = arguments.dropFirst(3).compactMap { Int($0) }

do {
  switch arguments[1] {
  case "lmdb-fill": try LMDBJobs.fill(folder, count: numbers[0], bytes: numbers[1])
  case "lmdb-fill-in-bounds":
    try LMDBJobs.fill(folder, count: numbers[0], bytes: numbers[1], limit: numbers[2])
  case "lmdb-hold-reader": try LMDBJobs.holdReader(folder)
  case "lmdb-write-as-nobody": try LMDBJobs.writeAsNobody(folder)
  case "lmdb-flips": try FlipJobs.run(folder, count: numbers[0], seed: numbers[1])
  case "lmdb-compact": try Environment.withExclusiveAccess(to: folder) { try $0.compact() }
  case "lmdb-open": try LMDBJobs.open(folder)
  case "lmdb-write-and-read": try LMDBJobs.writeAndRead(folder, count: numbers[0])
  case "flips":
    try GalleryFlipJobs.run(folder, from: numbers[0], count: numbers[1], isSnapshot: numbers[2] == 1)
  case "work":
    try GalleryJobs.work(
      folder, count: numbers[0], worker: numbers[1])
  case "remove": try GalleryJobs.remove(folder, arguments[3])
  case "undo": try GalleryJobs.undo(folder)
  case "purge": try GalleryJobs.purge(folder)
  case "compact": _ = try Gallery.compact(at: URL(filePath: folder))
  case "fill": try GalleryJobs.fill(folder, count: numbers[0], limit: numbers[1])
  case "open-as-nobody": try GalleryJobs.openAsNobody(folder)
  case "watch": try GalleryJobs.watch(folder)
  case "serve": try GalleryJobs.serve(folder)
  case "follow": try GalleryJobs.follow(folder, arguments[3])
  default:
    report("no such job: \(arguments[1])")
    exit(2)
  }
} catch {
  report("error: \(error)")
  exit(1)
}
