import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Video

/// `galleryctl add`: enrols people from photos.
enum AddCommand: Subcommand {
  static let name = ValueOption<String>(
    "--name", "-n", placeholder: "NAME",
    help: "All these photos show this person; else names come from the paths.")
  static let unnamed = Flag(
    "--unnamed", help: "Keep all faces unnamed; group them with `cluster`.")
  static let faces = ValueOption<SeveralFacesPolicy>(
    "--faces", placeholder: "RULE",
    help:
      "A photo with several faces: refuse it (default), take the largest, or take all (default with --unnamed)."
  )
  static let box = ValueOption<PixelRect>(
    "--box", placeholder: "X,Y,W,H",
    help: "Where the face is in the one photo that is given, in pixels of the upright photo; needs --name.")
  static let regions = Flag(
    "--regions",
    help: "Add the faces that Lightroom, digiKam and other programs have marked and named in the photos.")
  static let dryRun = Flag("--dry-run", help: "Say who would be added from which photos, and add nobody.")
  static let yes = Flag(
    "--yes", "-y", help: "Do not ask, as is done in a terminal before several people are added.")

  static let description = CommandDescription(
    name: "add",
    summary: "Adds people from photos; makes the gallery when there is none.",
    discussion: """
      Without --name the person is the folder that holds the photo: people/Ada Lovelace/1.jpg shows Ada Lovelace, and so
      does every photo of add "people/Ada Lovelace". A folder that is a date, such as 2024-05, belongs to the person of the folder above. Photos
      beside folders of people, or in a folder such as photos, are named by their files without a number at their end:
      Ada_Lovelace_0001.jpg. What is nobody's name (IMG_1001.jpg, DCIM, 17, group.jpg) is refused: --name says who it is.

      --regions takes names and places from the marks in the photos instead, or in the sidecars beside them (photo.jpg.xmp,
      photo.xmp): a photo of several people gives a face to each. docs/people.md says which programs' marks are read.

      Of a video the best face of each track is added: with --unnamed whoever is seen, with --name one person, unless --faces says otherwise.

      A photo that the person has already is skipped, so an interrupted run is simply run again. Each refused photo is
      listed with the reason; files that are not photos, hidden files and system folders (@eaDir, lost+found, …) are counted. Exit
      status 3 says that no photo could be used, or that a path does not exist or has no photos: the others are
      added all the same.
      """,
    positionals: [PhotoOperands.positional("PATH")],
    options: [
      name, box, regions, unnamed, dryRun, yes, faces, VideoReading.every, Report.csv, PhotoOperands.list,
      LeftOut.verbose,
    ] + EnrolmentFlags.all + DetectionFlags.all,
    examples: [
      .init("galleryctl add people/", "adds everybody in a folder with one sub-folder a person"),
      .init("galleryctl add --dry-run people/", "says who that would be"),
      .init("galleryctl add --name \"Ada Lovelace\" ada1.jpg ada2.jpg", "adds two photos of one person"),
      .init(
        "galleryctl add --name \"Ada Lovelace\" --box 80,120,160,200 party.jpg",
        "adds the face in that place, which the detector missed or took for another's"),
      .init("galleryctl add --name \"Ada Lovelace\" - < ada1.jpg", "reads the photo from standard input"),
      .init("galleryctl add --list photos.txt", "adds the photos that a file names, one a line"),
      .init("galleryctl add --regions pictures/", "adds everybody whom a photo program knows by name"),
      .init("galleryctl add --unnamed holiday/", "keeps all faces, to be grouped by cluster and named"),
      .init("galleryctl add --unnamed clip.mp4", "keeps the best face of each person seen in a video"),
      .init(
        "galleryctl add --faces largest \"people/Ada Lovelace\"",
        "takes the largest face where a photo shows several"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if let name = arguments[name] { try Gallery.checkNew(name) }
    if arguments[unnamed], arguments[name] != nil {
      throw UsageError("--unnamed and --name contradict each other: give one of them.")
    }
    if arguments[box] != nil, arguments[name] == nil {
      throw UsageError("--box needs --name: it says where the face of that person is.")
    }
    let others: [(option: String, isGiven: Bool)] = [
      (name.names[0], arguments[name] != nil), (unnamed.names[0], arguments[unnamed]),
      (faces.names[0], arguments[faces] != nil), (box.names[0], arguments[box] != nil),
      (DetectionFlags.cropped.names[0], arguments[DetectionFlags.cropped]),
    ]
    if arguments[regions], let other = others.first(where: \.isGiven) {
      throw UsageError("--regions and \(other.option) contradict each other: give one of them.")
    }
    let options = try EnrolmentFlags.options(
      arguments, severalFaces: arguments[faces] ?? (arguments[unnamed] ? .all : .refuse))
    let found = try PhotoOperands(
      arguments, of: description, usage: "add --name NAME -",
      naming: arguments[regions]
        ? .regions(anyName: options.takesAnyName)
        : arguments[unnamed]
          ? .unnamed : arguments[name].map { .all($0) } ?? .paths(anyName: options.takesAnyName))
    var photos = found.photos
    if let box = arguments[box] {
      guard photos.count == 1, found.videos.isEmpty else {
        throw UsageError(
          found.videos.isEmpty
            ? "--box is for one photo; \(photos.count) were given."
            : "--box is for one photo, not for videos.")
      }
      photos[0].box = box
    }
    let problems = found.problems
    for problem in problems { Terminal.note("error: \(problem)\n") }
    let understood = UnderstoodPeople(
      photos + found.videos.map { NamedPhoto(.file($0.url), name: $0.name) }, omissions: found.omissions,
      problems: problems)
    let leftOut = LeftOut(found.omissions, arguments)
    if arguments[dryRun] {
      Terminal.print(
        arguments[SharedOptions.json]
          ? Report(try JSONOutput.text(understood)) : understood.report(all: true) + leftOut.text)
      return understood.people.isEmpty || !problems.isEmpty ? .badInput : .success
    }
    // A gallery is not made for nobody.
    guard !photos.isEmpty || !found.videos.isEmpty else {
      if arguments[SharedOptions.json] {
        Terminal.print(
          try JSONOutput.text(
            FitRecord(FitReport(photos: [], omissions: found.omissions), problems: problems)))
      } else {
        Terminal.print(Report(leftOut.text))
      }
      return .badInput
    }
    if understood.people.count > 1, !arguments[yes] {
      let question = "Add these \(Format.count(understood.people.count, "person", plural: "people"))?"
      guard Terminal.confirm(question, about: { understood.report(all: false).text }) ?? true else {
        Terminal.print("nothing was added\n" as Report)
        return .no
      }
    }
    let threads = PhotoThreads.count(arguments)
    let new = try NewGallery(arguments)
    new.announce()
    defer { new.takeBack() }
    let gallery = try Gallery.open(
      at: arguments.galleryURL, options: GalleryOptions(decoder: arguments.decoder)
    ) {
      remembered in
      try arguments.engine(remembered: remembered, threads: max(min(threads, photos.count), 1))
    }
    gallery.announceLeftovers()
    let progress = ProgressBar(
      "adding", total: photos.count, unit: "photos", enabled: arguments.showsProgress)
    let interruption = InterruptionNote(
      "Interrupted: the photos added so far are in the gallery; the same command adds the others.")
    var reports: [PhotoReport] = []
    var failure: (any Error)?
    do {
      _ = try gallery.add(photos, options: options) { latest in
        reports += latest.latest
        progress.update(latest.done)
      }
      for video in found.videos { reports.append(try add(video, to: gallery, options, arguments)) }
    } catch {
      failure = error
    }
    interruption.cancel()
    progress.finish()
    let report = FitReport(photos: reports, omissions: found.omissions)
    let warnings = gallery.finish()
    // What was done before a failure is in the gallery, and is said.
    if failure == nil || !reports.isEmpty {
      Terminal.print(
        arguments[SharedOptions.json]
          ? Report(try JSONOutput.text(FitRecord(report, problems: problems), warnings: warnings))
          : EnrolmentTable(report, leftOut).report)
    }
    if let failure { throw failure }
    let isWhole = problems.isEmpty && !report.hasFailures
    return report.added + report.skipped > 0 && isWhole ? .success : .badInput
  }

  /// Adds the faces of a video; what is wrong with it is in the report.
  private static func add(
    _ video: NamedVideo, to gallery: Gallery, _ options: EnrolmentOptions, _ arguments: Arguments
  ) throws -> PhotoReport {
    let path = video.url.path(percentEncoded: false)
    do {
      let (tracks, damage) = try VideoReading.tracks(of: video.url, arguments) { every in
        try gallery.videoFaces(
          every: every, detection: options.detection, keepsPictures: options.keepThumbnails)
      }
      return try gallery.add(tracks, ofVideo: path, damage: damage, as: video.name, options: options)
    } catch let error as VideoError {
      let sentence = ErrorReport(error).sentence
      let isFailure = [.programMissing, .notStarted].contains(error.code)
      return PhotoReport(
        photo: path, name: video.name, person: nil,
        outcome: .refused(isFailure ? .inaccessible(sentence) : .unreadable(sentence)))
    }
  }
}
