import Console
import Drawing
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Support
import Video

/// `galleryctl query`: who is on these photos?
enum QueryCommand: Subcommand {
  static let k = ValueOption<Int>(
    "--k", "-k", placeholder: "N",
    help: "List the N most similar people of each face (default \(QueryOptions.standardCandidates)).",
    in: OptionLimits.candidates)
  static let by = ValueOption<QueryOptions.Grouping>(
    "--by", placeholder: "WHAT",
    help: "List people or single faces: person or face.")
  static let rule = ValueOption<Int>(
    "--best", placeholder: "N",
    help:
      "Judge people by the mean of their N most similar faces (default \(QueryOptions.standardFaces); 1 is the most similar face alone).",
    in: OptionLimits.facesOfMean)
  static let threshold = ValueOption<Double>(
    "--threshold", "-t", placeholder: "S",
    help: "Name nobody below this similarity; the default follows the engine and the number of faces.",
    in: OptionLimits.threshold)
  static let exact = Flag("--exact", help: "Compare with every face instead of searching the index.")
  static let ef = ValueOption<Int>(
    "--ef", placeholder: "N", help: "Width of the index search: more finds more and takes longer.",
    in: OptionLimits.ef)
  static let conditions = ValueOption<TagCondition>(
    "--where", placeholder: "KEY=VALUE",
    help:
      "Only faces tagged so, by themselves or their person (see tag); KEY alone is any value; several must all hold.",
    isRepeatable: true)

  static let jsonLines = Flag(
    "--jsonl", help: "Write the answers of each photo as a line of JSON as they come, not all at the end.")
  static let sameNameTwice = Flag(
    "--same-name-twice",
    help:
      "Several faces of a photo may be the same person, as on a collage; else only the one that is most like the person is named."
  )

  static let watch = ValueOption<String>(
    "--watch", placeholder: "SOURCE",
    help:
      "Print a line as people come and go before a camera: rtsp://…, a device such as /dev/video0, or a video file."
  )

  static let description = CommandDescription(
    name: "query",
    summary: "Says who is on photos and in videos: the most similar people of each face, or \"unknown\".",
    discussion: """
      A face is named only when its best similarity reaches the
      threshold; otherwise the answer is "unknown". Where a second person comes near it is "A or B", and where it
      may well be a relative who is not enrolled "A or somebody alike". A face is also unknown when another face of the photo is more
      like A: nobody is twice on a photo.

      In a video a frame is looked at every half second, faces are followed from frame to frame, and each gets one answer, with the times at
      which it is seen. --watch goes on until the source ends, or Ctrl-C; exit status 0 then. Exit status 1 says that no face at all was named,
      3 that one of the photos or videos could not be used: the others are answered all the same, and may have been named.
      """,
    positionals: [PhotoOperands.positional("PHOTO")],
    options: [
      k, by, rule, threshold, exact, ef, conditions, sameNameTwice, VideoReading.every, watch, jsonLines,
      Report.csv, AnnotationOutput.option, PhotoOperands.list, LeftOut.verbose,
    ] + DetectionFlags.all,
    examples: [
      .init("galleryctl query party.jpg", "names the faces of a photo"),
      .init("galleryctl query --k 3 --annotate out.png party.jpg", "also draws boxes and names"),
      .init("galleryctl query --annotate faces.png clip.mp4", "names the faces of a video, and draws them"),
      .init("galleryctl query --watch rtsp://camera/1", "prints a line as people come and go"),
      .init("galleryctl query --by face --json portrait.jpg", "lists single faces, as JSON"),
      .init(
        "galleryctl query - < party.jpg", "reads the photo from standard input, as from curl or a camera"),
      .init(
        "galleryctl query --list photos.txt", "names the faces of the photos that a file names, one a line"),
      .init(
        "galleryctl query --jsonl holiday/ > answers.jsonl", "writes a line of JSON a photo, as they come"),
      .init("galleryctl query --where team=red --where staff door.jpg", "looks among those tagged so only"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if let word = arguments[watch] { return try watch(word, arguments) }
    let operands = try PhotoOperands(arguments, of: description, usage: "query -")
    var pictures = try AnnotationOutput(arguments, of: operands)
    let gallery = try arguments.existingGalleryWithEngine()
    let detection = DetectionFlags.options(arguments)
    let options = queryOptions(arguments)
    let loop = PhotoLoop(operands, arguments, title: "querying")
    typealias Result = PhotoLoop.Result<ProbeAnswer, TrackAnswer>
    func record(_ result: Result) -> ItemRecord<ProbeRecord> {
      result.record {
        ProbeRecord($0)
      } track: {
        TrackRecord($0.track, answer: $0.answer)
      }
    }
    let print = { (result: Result) in _ = Terminal.print(try JSONOutput.line(record(result))) }
    let results = try loop.run(
      { photo, place, remarks throws -> [ProbeAnswer] in
        let picture = try gallery.decoded(photo, for: detection)
        remarks = picture.remarks.map(\.message)
        let answers = try gallery.query(picture, detection: detection, options: options)
        try pictures.add(photo: place, picture, annotations: answers.map(Self.annotation))
        return answers
      },
      video: { video, remarks throws -> [TrackAnswer] in
        let (tracks, damage) = try VideoReading.tracks(of: video, arguments) { every in
          try gallery.videoFaces(every: every, detection: detection, keepsPictures: pictures.isWanted)
        }
        if let damage { remarks.append(damage) }
        let answers = try gallery.query(tracks: tracks, options: options)
        for answer in answers {
          guard let picture = try answer.track.picture() else { continue }
          pictures.add(video: video, picture, [answer.answer.verdict.text, answer.track.times])
        }
        return answers
      }, each: arguments[jsonLines] ? print : nil)
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(results.map(record)))
    } else if !arguments[jsonLines] {
      Terminal.print(QueryTable(results, grouping: options.grouping).report)
    }
    for condition in try gallery.unmet(options.conditions) {
      Terminal.warn("nobody is tagged \(condition): see `galleryctl tag`.")
    }
    _ = gallery.finish()
    try pictures.write()
    if results.contains(where: \.isUnusable) { return .badInput }
    let answers = results.flatMap {
      ($0.value ?? []).map(\.answer) + ($0.tracks ?? []).map(\.answer)
    }
    return answers.contains { $0.verdict.isKnown } ? .success : .no
  }

  private static func watch(_ word: String, _ arguments: Arguments) throws -> ExitCode {
    let others: [(option: String, isGiven: Bool)] = [
      ("PHOTO", !arguments.positionals.isEmpty),
      (PhotoOperands.list.name, arguments[PhotoOperands.list] != nil),
      (AnnotationOutput.option.name, arguments[AnnotationOutput.option] != nil),
      (SharedOptions.json.name, arguments[SharedOptions.json]), (Report.csv.name, arguments[Report.csv]),
    ]
    if let other = others.first(where: \.isGiven) {
      throw UsageError(
        "--watch and \(other.option) contradict each other: give one of them"
          + (other.option == SharedOptions.json.name ? "; --jsonl writes a line of JSON each." : "."))
    }
    let source = VideoSource(word)
    if case .file(let path) = source, word == "-" || (try? InputFile.kind(of: path)) == .special {
      throw InputError(
        "\(PhotoInput.shown(word)) is no camera, and videos are read from files: name the file, a device such as /dev/video0, or rtsp://…"
      )
    }
    if case .file(let path) = source, !VideoFormat.isVideo(path) {
      throw InputError(
        InputFile.exists(path)
          ? "\(word) is no video: --watch takes a video file, a device such as /dev/video0, or rtsp://…"
          : "\(word) is not there: check the path.")
    }
    let gallery = try arguments.existingGalleryWithEngine()
    let watch = PeopleWatch(
      gallery, source, options: queryOptions(arguments), asJSON: arguments[jsonLines], arguments)
    try watch.run()
    _ = gallery.finish()
    return .success
  }

  private static func queryOptions(_ arguments: Arguments) -> QueryOptions {
    var options = QueryOptions()
    if let k = arguments[k] { options.k = k }
    if let grouping = arguments[by] { options.grouping = grouping }
    options.threshold = arguments[threshold].map { Float($0) }
    options.plan = arguments[exact] ? .exact : .automatic
    options.ef = arguments[ef]
    if let count = arguments[rule] { options.rule = .init(faces: count) }
    options.conditions = arguments.all(conditions)
    options.allowsSameNameTwice = arguments[sameNameTwice]
    return options
  }

  private static func annotation(_ probe: ProbeAnswer) -> FaceAnnotation {
    switch probe.answer.verdict {
    case .known(let match):
      FaceAnnotation(
        probe.face.detection.box, [match.name, Format.fixed(Double(match.similarity), 2)], .known)
    case .ambiguous:
      FaceAnnotation(probe.face.detection.box, [probe.answer.verdict.text], .ambiguous)
    case .unknown:
      FaceAnnotation(probe.face.detection.box, ["unknown"], .unknown)
    }
  }
}
