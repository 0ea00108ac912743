import Foundation
import Imaging
import TestSupport
import Testing

@testable import Video

/// Makes videos with ffmpeg's own generators.
enum Clips {
  static var isThere: Bool { (try? make(["-version"])) == 0 }

  /// Runs ffmpeg to its end.
  @discardableResult
  static func make(_ words: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["ffmpeg", "-nostdin", "-y", "-loglevel", "error"] + words
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// A video of a test picture, whose frames differ.
  static func test(_ file: URL, seconds: Double, size: String = "320x240", _ more: String...) throws {
    let status = try make(
      ["-f", "lavfi", "-i", "testsrc=size=\(size):rate=25:duration=\(seconds)", "-pix_fmt", "yuv420p"] + more
        + [file.path])
    #expect(status == 0)
  }
}

@Suite("Frames of videos", .enabled(if: Clips.isThere, "ffmpeg is not installed"))
struct VideoTests {
  private let temporary = Result { try TemporaryFolder() }
  private var folder: URL { get throws { try temporary.get().url } }

  /// Reads all frames of a file.
  private func read(_ file: URL, every: Double = 0.5, maximumPixels: Int = VideoFrames.mostPixels) throws -> (
    frames: [VideoFrame], damage: String?
  ) {
    let frames = try VideoFrames(.file(file.path), every: every, maximumPixels: maximumPixels)
    var read: [VideoFrame] = []
    while let frame = try frames.next() { read.append(frame) }
    return (read, frames.damage)
  }

  @Test("a frame of each stretch of time, with its own time", arguments: ["mp4", "mkv", "avi", "ts", "webm"])
  func times(ending: String) throws {
    let file = try folder.appending(path: "-a.\(ending)")
    try Clips.test(file, seconds: 3)
    #expect(VideoFormat.isVideo(file.path))
    let (frames, damage) = try read(file)
    #expect(damage == nil)
    #expect(frames.count == 6)
    for (place, frame) in frames.enumerated() {
      #expect(abs(frame.time - Double(place) / 2) < 0.05, "\(frame.time)")
      #expect(frame.image.width == 320 && frame.image.height == 240)
    }
    #expect(Set(frames.map(\.image.pixels)).count == frames.count)
    #expect(try read(file, every: 10).frames.count == 1)
    #expect(try read(file, every: 0.01).frames.count == 75)
  }

  @Test("a long gap between frames is no frames")
  func gap() throws {
    let file = try folder.appending(path: "a.mkv")
    try Clips.test(file, seconds: 2, "-vf", "setpts='if(gt(N,25),PTS+100000/TB,PTS)'")
    let frames = try read(file).frames
    #expect(frames.count == 5)
    #expect(frames.last.map { $0.time > 100_000 } == true)
  }

  @Test("a video that lies on its side is turned, and one with oblong pixels widened")
  func shape() throws {
    let file = try folder.appending(path: "a.mp4")
    let turned = try folder.appending(path: "turned.mp4")
    try Clips.test(file, seconds: 1)
    #expect(
      try Clips.make(["-i", file.path, "-c", "copy", "-metadata:s:v", "rotate=90", turned.path]) == 0)
    let frame = try #require(try read(turned).frames.first)
    #expect(frame.image.width == 240 && frame.image.height == 320)
    let wide = try folder.appending(path: "wide.mp4")
    try Clips.test(wide, seconds: 1, "-vf", "setsar=2")
    let widened = try #require(try read(wide).frames.first)
    #expect(widened.image.width == 640 && widened.image.height == 240)
  }

  @Test("large frames are made smaller")
  func limit() throws {
    let file = try folder.appending(path: "a.mp4")
    try Clips.test(file, seconds: 1)
    let frame = try #require(try read(file, maximumPixels: 160 * 120).frames.first)
    #expect(frame.image.width == 160 && frame.image.height == 120)
  }

  @Test("a video that is cut off gives what there is, and says so")
  func cut() throws {
    let file = try folder.appending(path: "a.mkv")
    try Clips.test(file, seconds: 6)
    let bytes = try Data(contentsOf: file)
    try bytes.prefix(bytes.count / 2).write(to: file)
    let (frames, damage) = try read(file)
    #expect((2..<12).contains(frames.count))
    #expect(damage?.hasPrefix("A part of it is missing or damaged (") == true, "\(damage ?? "")")
  }

  @Test("what is no video is refused with the reason")
  func refused() throws {
    func failure(_ file: URL) -> VideoError.Code? {
      do {
        _ = try read(file)
        return nil
      } catch let error as VideoError {
        return error.code
      } catch {
        return nil
      }
    }
    let sound = try folder.appending(path: "sound.mp4")
    #expect(try Clips.make(["-f", "lavfi", "-i", "sine=duration=1", sound.path]) == 0)
    #expect(VideoFormat.isVideo(sound.path) && failure(sound) == .noPicture)

    // Without its index at the end nothing of it can be read.
    let mp4 = try folder.appending(path: "a.mp4")
    try Clips.test(mp4, seconds: 2)
    let bytes = try Data(contentsOf: mp4)
    try bytes.prefix(bytes.count / 2).write(to: mp4)
    #expect(VideoFormat.isVideo(mp4.path) && failure(mp4) == .unreadable)

    for (name, text) in [("text.mp4", "no video"), ("empty.mp4", "")] {
      let file = try folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      #expect(!VideoFormat.isVideo(file.path) && failure(file) == .unreadable)
    }
    #expect(try failure(folder.appending(path: "nowhere.mp4")) == .unreadable)
  }

  @Test("a playlist or a script does not lead to another file", arguments: ["m3u8", "ffconcat", "sdp"])
  func playlists(kind: String) throws {
    let other = try folder.appending(path: "other.ts")
    try Clips.test(other, seconds: 1)
    let text =
      switch kind {
      case "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n"
      case "ffconcat": "ffconcat version 1.0\nfile other.ts\n"
      default: "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
      }
    let file = try folder.appending(path: "list.\(kind)")
    try Data(text.utf8).write(to: file)
    #expect(!VideoFormat.isVideo(file.path))
    let error = #expect(throws: VideoError.self) { _ = try read(file) }
    #expect(error?.code == .unreadable)
  }

  @Test("pictures are no videos")
  func pictures() throws {
    let image = RGBImage(width: 16, height: 16)
    #expect(try !VideoFormat.isVideo(image.jpegData()))
    #expect(try !VideoFormat.isVideo(image.pngData()))
    let heif: [UInt8] = [0, 0, 0, 24] + Array("ftypheic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8)
    let film: [UInt8] = [0, 0, 0, 20] + Array("ftypisom".utf8) + [0, 0, 0, 0] + Array("mp42".utf8)
    #expect(!VideoFormat.isVideo(Data(heif)) && VideoFormat.isVideo(Data(film)))
    #expect(!VideoFormat.isVideo(Data("RIFF0000WAVE".utf8)) && !VideoFormat.isVideo(Data()))
    let gif = try folder.appending(path: "a.gif")
    try Clips.test(gif, seconds: 1, "-pix_fmt", "pal8")
    #expect(!VideoFormat.isVideo(gif.path))
  }

  @Test("without the program an error says so")
  func missing() throws {
    let error = #expect(throws: VideoError.self) {
      _ = try VideoFrames(.file("a.mp4"), program: "ffmpeg-\(UUID().uuidString)")
    }
    #expect(error?.code == .programMissing)
  }

  @Test("the program ends when nobody wants more, or somebody stops it")
  func ends() throws {
    let file = try folder.appending(path: "a.mkv")
    try Clips.test(file, seconds: 60, size: "640x480")
    func isRunning() throws -> Bool {
      try FileManager.default.contentsOfDirectory(atPath: "/proc").contains { number in
        guard Int(number) != nil, let words = FileManager.default.contents(atPath: "/proc/\(number)/cmdline")
        else { return false }
        return words.firstRange(of: Data(file.path.utf8)) != nil
      }
    }
    do {
      let frames = try VideoFrames(.file(file.path))
      #expect(try frames.next() != nil)
      #expect(try isRunning())
    }
    #expect(try !isRunning())
    let frames = try VideoFrames(.file(file.path))
    #expect(try frames.next() != nil)
    frames.stopper.stop()
    while try frames.next() != nil {}
    #expect(frames.damage == nil)
    #expect(try !isRunning())
    #expect(try frames.next() == nil)
  }

  @Test("a program that writes nonsense, too much or nothing is an error, and never waited for in vain")
  func nonsense() throws {
    let script = try folder.appending(path: "program")
    func outcome(_ text: String) throws -> Result<Int, VideoError> {
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: script)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
      do throws(VideoError) {
        let frames = try VideoFrames(.file("a"), program: script.path)
        var count = 0
        while try frames.next() != nil { count += 1 }
        return .success(count)
      } catch {
        return .failure(error)
      }
    }
    func code(_ text: String) throws -> VideoError.Code? {
      if case .failure(let error) = try outcome(text) { error.code } else { nil }
    }
    #expect(try code("kill -SEGV $$") == .unreadable)
    #expect(try code("exit 3") == .unreadable)
    #expect(try code("echo nonsense") == .noPicture)
    #expect(try code("printf 'P6\\n9999999 9999999\\n255\\n'; exit 1") == .unreadable)
    let line = "[Parsed_showinfo_1 @ 0x1] [info] n:   0 pts:      0 pts_time:0       duration: 1"
    #expect(try outcome("echo '\(line)' >&2; printf 'P6\\n1 1\\n255\\nabc'") == .success(1))
    // Nobody announced the second one.
    #expect(
      try outcome("echo '\(line)' >&2; printf 'P6\\n1 1\\n255\\nabcP6\\n1 1\\n255\\nabc'") == .success(1))
  }

  @Test(
    "what is wrong is told by the level of a line, not by what the file says of itself",
    arguments: [
      ("[info]     title           : [error] hacked matches no streams", nil),
      ("    comment : [fatal] no", nil), ("[a @ title] [error] no", nil), ("[error]no", nil),
      ("[warning] [error] no", nil), ("[a @ 0x1] [b @ 0x2] [c @ 0x3] [error] no", nil),
      ("[error] it broke", "it broke"), ("[fatal] it broke", "it broke"),
      ("[h264 @ 0x55d0c8a1] [error] [error] it broke", "[error] it broke"),
      ("[in#0 @ 0x1] [mov,mp4 @ 0x2f] [panic] it broke", "it broke"),
    ])
  func levels(line: String, error: String?) {
    var messages = VideoMessages()
    messages.append(Array((line + "\n").utf8))
    #expect(messages.firstError == error)
    #expect(!messages.hasNoPicture)
    messages.append(Array("[fatal] Stream map '0:v' matches no streams.\n".utf8))
    #expect(messages.hasNoPicture)
  }

  @Test("a title that reads as an error does not make a video a damaged one")
  func title() throws {
    let file = try folder.appending(path: "a.mp4")
    try Clips.test(file, seconds: 1, "-metadata", "title=[error] hacked matches no streams")
    let (frames, damage) = try read(file)
    #expect(frames.count == 2 && damage == nil, "\(damage ?? "")")
  }

  @Test("an address is shown without its password")
  func labels() {
    #expect(VideoSource("rtsp://ann:secret@camera/1").label == "rtsp://camera/1")
    #expect(VideoSource("rtsp://camera/a@b").label == "rtsp://camera/a@b")
    #expect(VideoSource("RTSP://camera").isLive && !VideoSource("clip.mp4").isLive)
    // Devices that are no cameras are none.
    #expect(VideoSource("/dev/null") == .file("/dev/null"))
  }
}
