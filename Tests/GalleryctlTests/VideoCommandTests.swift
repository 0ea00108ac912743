import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Videos on the command line", .needsPhotos, .needsFFmpeg)
struct VideoCommandTests {
  private struct Video: Decodable {
    struct Track: Decodable {
      let track: Int
      let from, to, time: Double
      let frames: Int
      let answer: Replies.Photo.Face.Answer?
    }
    let video: String?
    let photo: String?
    let tracks: [Track]?
    let error: String?
    let remarks: [String]?

    var names: [String?]? { tracks.map { $0.map { $0.answer?.name } } }
  }

  private struct Shown: Decodable {
    struct Face: Decodable { let photo: String? }
    let faces: [Face]
  }

  /// A gallery of two people.
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    #expect(
      try galleryctl(
        "add", "--name", "Barack Obama", Fixtures.photo("obama.jpg"), Fixtures.photo("obama3.jpg")
      ).status == 0)
    #expect(try galleryctl("add", "-n", "Joe Biden", Fixtures.photo("biden.jpg")).status == 0)
    return galleryctl
  }

  /// Two seconds of one photo, then two of another.
  private func cut(_ galleryctl: Galleryctl, to name: String = "cut.mp4") throws -> String {
    try galleryctl.video(
      name, photos: ["obama2.jpg", "biden.jpg"], seconds: 2, "[0][1]concat=n=2,format=yuv420p")
  }

  @Test("after a cut each person is a track with a name and times, in every form of output")
  func query() throws {
    let galleryctl = try filled()
    let cut = try cut(galleryctl)
    let json = try galleryctl("query", "--json", cut, Fixtures.photo("biden.jpg"))
    #expect(json.status == 0, "\(json.errors)")
    #expect(try JSONSchema.problems([("query", json.output)]).isEmpty)
    let items = try json.json([Video].self)
    #expect(items.map(\.video) == [cut, nil] && items[1].photo == Fixtures.photo("biden.jpg"))
    #expect(items[0].names == ["Barack Obama", "Joe Biden"])
    let tracks = try #require(items[0].tracks)
    #expect(tracks.map(\.from) == [0, 2] && tracks.map(\.to) == [1.5, 3.5])
    #expect(tracks.map(\.frames) == [4, 4] && tracks.map(\.track) == [1, 2])

    let table = try galleryctl("query", "--every", "1", cut)
    #expect(table.output.contains(/cut.mp4 +1 +0:00.0 +0:01.0 +2 +1 +Barack Obama/), "\(table.output)")
    #expect(table.output.contains("2 of 2 tracks named"))
    let csv = try galleryctl("query", "--csv", cut).output.split(separator: "\n")
    #expect(csv.first?.hasPrefix("video,track,from,to,frames,rank,person,") == true)
    #expect(csv.contains { $0.contains("cut.mp4,2,2.0,3.5,4,1,Joe Biden,") }, "\(csv)")
    let lines = try galleryctl("query", "--jsonl", cut, cut).output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      try JSONSchema.problems([("query", "[" + lines.joined(separator: ",") + "]")]).isEmpty)
  }

  @Test("faces of a video are drawn as a sheet")
  func sheet() throws {
    let galleryctl = try filled()
    let cut = try cut(galleryctl)
    let run = try galleryctl("query", "--annotate", "faces.png", cut)
    #expect(run.status == 0 && run.errors.contains("wrote faces.png"), "\(run.errors)")
    let sheet = try ImageDecoder().decode(contentsOf: galleryctl.folder.appending(path: "faces.png"))
    // Two cells beside each other, with lines below.
    #expect((480..<600).contains(sheet.width) && (240..<400).contains(sheet.height))
    let picture = try galleryctl.file("cut.png", Data(contentsOf: URL(filePath: cut)))
    let own = try galleryctl("query", "--annotate", "cut.png", picture)
    #expect(own.status == 2 && own.errors.contains("would replace the video"), "\(own.errors)")
    #expect(try galleryctl("query", "--annotate", "./cut.jpg", cut).status == 0)
  }

  @Test("two people whom the camera passes are two tracks at the same time")
  func pan() throws {
    let galleryctl = try filled()
    let pan = try galleryctl.video(
      "pan.mkv", photos: ["obama2.jpg", "biden.jpg"], seconds: 4,
      "[0][1]hstack,crop=w=800:h=480:x='100*t':y=0,format=yuv420p")
    let run = try galleryctl("query", "--json", pan)
    let tracks = try #require(try run.json([Video].self).first?.tracks)
    #expect(Set(tracks.map { $0.answer?.name }) == ["Barack Obama", "Joe Biden"])
    #expect(tracks.count == 2 && tracks.allSatisfy { $0.frames >= 4 })
  }

  @Test("detect needs no gallery, and cuts the faces out")
  func detect() throws {
    let galleryctl = try Galleryctl()
    let cut = try cut(galleryctl)
    let json = try galleryctl("detect", "--json", cut, "--crops", "faces")
    #expect(json.status == 0, "\(json.errors)")
    #expect(try JSONSchema.problems([("detect", json.output)]).isEmpty)
    #expect(try json.json([Video].self).first?.tracks?.map(\.frames) == [4, 4])
    #expect(
      try FileManager.default.contentsOfDirectory(
        atPath: galleryctl.folder.appending(path: "faces").path
      ).count == 2)
    let table = try galleryctl("detect", cut, Fixtures.photo("biden.jpg"))
    #expect(table.output.contains("1 face in 1 photo\n") && table.output.contains("2 tracks in 1 video\n"))
  }

  @Test("the best face of each track is kept without a name, once")
  func addUnnamed() throws {
    let galleryctl = try Galleryctl()
    let cut = try cut(galleryctl)
    let first = try galleryctl("add", "--unnamed", "--keep-thumbnails", cut, "--json")
    #expect(first.status == 0, "\(first.errors)")
    #expect(try JSONSchema.problems([("add", first.output)]).isEmpty)
    #expect(first.output.contains("\"added\" : 1"))
    #expect(try galleryctl("info").output.contains(/faces +2/))
    let second = try galleryctl("add", "--unnamed", cut)
    #expect(second.status == 0 && second.output.contains("0 added, 1 skipped"), "\(second.output)")
    #expect(try galleryctl("add", "--unnamed", "--dry-run", cut).output.contains("cut.mp4"))
    let sync = try galleryctl("sync", "--yes", "--prune", galleryctl.folder.path)
    #expect(sync.output.contains("1 video is looked at when named by itself: cut.mp4"), "\(sync.output)")
    #expect(try galleryctl("info").output.contains(/faces +2/))
  }

  @Test("a video of one person is added under a name; one of several, or without a name, is refused")
  func addNamed() throws {
    let galleryctl = try Galleryctl()
    let cut = try cut(galleryctl)
    let several = try galleryctl("add", "--name", "Ann", cut)
    #expect(several.status == 3 && several.output.contains("2 people were found in the video; --unnamed"))
    let nameless = try galleryctl("add", cut)
    #expect(nameless.status == 3 && nameless.errors.contains("is a video, and may show anybody"))
    let one = try galleryctl.video("one.webm", photos: ["obama2.jpg"], seconds: 2, "[0]format=yuv420p")
    #expect(try galleryctl("add", "--name", "Barack", one).status == 0)
    let faces = try galleryctl("show", "Barack", "--json").json(Shown.self).faces
    #expect(faces.map(\.photo) == [one])
    #expect(try galleryctl("query", Fixtures.photo("obama.jpg")).output.contains("1 of 1 face named"))
    #expect(try galleryctl("add", "--name", "X", "--box", "1,1,50,50", one).status == 2)
    let missing = try galleryctl("reembed", "--engine", "resnet")
    #expect(missing.status == 1 && missing.output.contains("--drop-missing"), "\(missing.output)")
    let dropped = try galleryctl("reembed", "--engine", "resnet", "--drop-missing")
    #expect(dropped.status == 0 && dropped.output.contains("1 dropped"), "\(dropped.output)")
  }

  @Test("videos in folders are counted, not looked at")
  func folder() throws {
    let galleryctl = try filled()
    _ = try galleryctl.copy("biden.jpg", to: "mixed/a.jpg")
    _ = try galleryctl.file("mixed/clip.MP4", "x".utf8)
    for command in ["query", "detect"] {
      let run = try galleryctl(command, "mixed")
      #expect(run.errors.contains("1 video is looked at when named by itself: clip.MP4\n"), "\(run.errors)")
    }
    let run = try galleryctl("add", "--unnamed", "mixed", "--json")
    #expect(run.output.contains("\"kind\" : \"video\""))
    #expect(try JSONSchema.problems([("add", run.output)]).isEmpty)
  }

  @Test("what cannot be read is told with the reason, and costs the others nothing")
  func unreadable() throws {
    let galleryctl = try filled()
    let cut = try cut(galleryctl, to: "cut.mkv")
    let bytes = try Data(contentsOf: URL(filePath: cut))
    let half = try galleryctl.file("half.mkv", bytes.prefix(bytes.count / 2))
    let damaged = try galleryctl("query", half)
    #expect(damaged.status == 0, "\(damaged.errors)")
    #expect(damaged.errors.contains("warning: \(half): A part of it is missing or damaged ("))
    let refused = try galleryctl("add", "--unnamed", half)
    #expect(refused.status == 3 && refused.output.contains("--allow-damaged"), "\(refused.output)")
    #expect(try galleryctl("add", "--unnamed", "--allow-damaged", half).status == 0)

    let stub = try galleryctl.file("stub.mkv", bytes.prefix(200))
    let sound = galleryctl.folder.appending(path: "sound.mp4").path
    try Galleryctl.ffmpeg(["-f", "lavfi", "-i", "sine=duration=1", sound])
    let text = try galleryctl.file("text.mp4", "no video".utf8)
    let empty = try galleryctl.file("empty.mp4", "".utf8)
    let list = try galleryctl.file("list.m3u8", "#EXTM3U\n#EXTINF:1,\ncut.mkv\n".utf8)
    let run = try galleryctl("query", "--json", stub, sound, text, empty, list, cut)
    #expect(run.status == 3)
    #expect(try JSONSchema.problems([("query", run.output)]).isEmpty)
    let items = try run.json([Video].self)
    #expect(items.map { $0.error == nil } == [false, false, false, false, false, true])
    #expect(items[0].error?.hasPrefix("The video cannot be read: ") == true)
    #expect(items[1].error == "There is no moving picture in it.")
    #expect(items[3].error == "The file is empty.")
    #expect(items[5].names?.count == 2)
    let piped = try galleryctl.shell("$G query - < \(cut)")
    #expect(piped.status == 3 && piped.text.contains("standard input is a video"), "\(piped.text)")
  }

  @Test("without ffmpeg photos are read, and videos name the package")
  func missing() throws {
    let galleryctl = try filled()
    let cut = try cut(galleryctl)
    let run = try galleryctl(
      "query", cut, Fixtures.photo("biden.jpg"), environment: ["PATH": "/nowhere"])
    #expect(run.status == 3 && run.output.contains("1 of 1 face named"))
    #expect(
      run.errors.contains(
        "Videos are read by the program ffmpeg, which is not installed; `apt install ffmpeg`."))
  }

  @Test("who comes and goes in a video is told line by line")
  func watch() throws {
    let galleryctl = try filled()
    let video = try galleryctl.video(
      "comes.mp4", photos: ["obama2.jpg", "camera.png", "biden.jpg"], seconds: 4,
      "[0][1][2]concat=n=3,format=yuv420p")
    let run = try galleryctl("query", "--watch", video)
    #expect(run.status == 0, "\(run.errors)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "0:00.0 Barack Obama came", "\(lines)")
    #expect(lines.contains("0:03.5 Barack Obama left") && lines.contains("0:08.0 Joe Biden came"))
    #expect(lines.last == "0:11.5 Joe Biden left")
    let json = try galleryctl("query", "--watch", video, "--jsonl").output.split(separator: "\n")
    #expect(json.count == lines.count)
    #expect(try JSONSchema.problems([("query", "[" + json.joined(separator: ",") + "]")]).isEmpty)
    for words in [["--json"], ["--csv"], ["--annotate", "a.png"], ["a.jpg"], ["--list", "a"]] {
      #expect(try galleryctl.run(["query", "--watch", video] + words).status == 2, "\(words)")
    }
    #expect(try galleryctl.shell("mkfifo pipe").status == 0)
    for word in ["pipe", "/dev/null", "-"] {
      let run = try galleryctl("query", "--watch", word)
      #expect(run.status == 3 && run.errors.contains("is no camera"), "\(word): \(run.errors)")
    }
    let nowhere = try galleryctl("query", "--watch", "nowhere.mp4")
    #expect(nowhere.status == 3 && nowhere.errors.contains("is not there"))
    #expect(try galleryctl("query", "--watch", Fixtures.photo("obama.jpg")).status == 3)
  }

  @Test("a stream that ends is opened again, and Ctrl-C ends with status 0")
  func stream() throws {
    let galleryctl = try filled()
    let clip = try galleryctl.video("clip.mkv", photos: ["obama2.jpg"], seconds: 2, "[0]format=yuv420p")
    // In place of a camera: what ffmpeg is asked to read becomes a file.
    let program = try galleryctl.file(
      "bin/ffmpeg",
      """
      #!/bin/bash
      words=()
      while (($#)); do
        case $1 in
          -rtsp_transport | -protocol_whitelist) shift 2 ;;
          -i) words+=(-i '\(clip)'); shift 2 ;;
          *) if [[ $1 == -f && $2 == rtsp ]]; then shift 2; else words+=("$1"); shift; fi ;;
        esac
      done
      exec env PATH='\(ProcessInfo.processInfo.environment["PATH"] ?? "")' ffmpeg "${words[@]}"
      """.utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let folder = URL(filePath: program).deletingLastPathComponent().path
    let path = folder + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let (process, output, errors) = try galleryctl.start(
      ["query", "--watch", "rtsp://ann:secret@camera/1", "--jsonl"], environment: ["PATH": path])
    var text = ""
    while text.matches(of: /"came"/).count < 2 {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      text += String(decoding: data, as: UTF8.self)
    }
    #expect(text.contains(/"event":"came","known":true,"name":"Barack Obama"/), "\(text)")
    #expect(
      try JSONSchema.problems([("query", "[" + text.split(separator: "\n").joined(separator: ",") + "]")])
        .isEmpty)
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    let said = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
    #expect(said.contains("warning: rtsp://camera/1 is opened again in 1 s: it ended"), "\(said)")
    #expect(!said.contains("secret"))

    let refused = try galleryctl("query", "--watch", "rtsp://127.0.0.1:1/none")
    #expect(refused.status == 3 && refused.errors.hasPrefix("error: The video cannot be read: "))
  }
}

extension Galleryctl {
  /// Whether ffmpeg is installed.
  static var hasFFmpeg: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/ffmpeg")
    }
  }

  /// Runs ffmpeg to its end.
  static func ffmpeg(_ words: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["ffmpeg", "-nostdin", "-y", "-loglevel", "error"] + words
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(words)")
  }

  /// A video in the folder, of ten frames a second, of sample photos that fill 640 × 480 pixels each.
  ///
  /// - Parameters:
  ///   - seconds: How long each photo is shown.
  ///   - filter: What becomes of the streams [0], [1], …
  func video(_ name: String, photos: [String], seconds: Int, _ filter: String) throws -> String {
    let file = folder.appending(path: name).path
    let inputs = photos.flatMap {
      ["-loop", "1", "-framerate", "10", "-t", String(seconds), "-i", Fixtures.photo($0)]
    }
    let fitted = photos.indices.map {
      "[\($0):v]scale=640:480:force_original_aspect_ratio=decrease,pad=640:480:(ow-iw)/2:(oh-ih)/2,setsar=1[p\($0)];"
    }
    let graph = photos.indices.reduce(filter) { $0.replacing("[\($1)]", with: "[p\($1)]") }
    try Galleryctl.ffmpeg(inputs + ["-filter_complex", fitted.joined() + graph, file])
    return file
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs the test only where ffmpeg is installed.
  static var needsFFmpeg: Self {
    .enabled(
      if: Galleryctl.hasFFmpeg, "ffmpeg is not installed: run Scripts/install-packages.sh --tests")
  }
}
