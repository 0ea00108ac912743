import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support
import Synchronization
import Video

/// `query --watch`: says who comes and goes before a camera, or in a video.
///
/// A face counts from its second frame on. It is asked about with each frame until it is known. Faces of one person are one presence, so
/// that whoever is lost and found again within the tracker's gap neither leaves nor comes. A camera or stream that ends is opened again.
final class PeopleWatch {
  private let gallery: Gallery
  private let source: VideoSource
  private let options: QueryOptions
  private let isJSON: Bool
  private let arguments: Arguments
  /// Who the announced tracks are that have not ended, by their numbers.
  private var present: [Int: Verdict] = [:]
  /// When the connection began, of a camera or stream.
  private var start: Date?

  /// What the thread that waits for signals and the one that looks have in common.
  private final class Ending: Sendable {
    private let state = Mutex<(isAsked: Bool, stopper: VideoFrames.Stopper?)>((false, nil))

    var isAsked: Bool { state.withLock { $0.isAsked } }

    func ask() {
      state.withLock {
        $0.isAsked = true
        $0.stopper?.stop()
      }
    }

    func reads(_ stopper: VideoFrames.Stopper?) {
      state.withLock {
        $0.stopper = stopper
        if $0.isAsked { stopper?.stop() }
      }
    }
  }

  private let ending = Ending()

  /// Seconds between attempts to open a camera or stream again: doubled from the first to the last.
  private static let (firstPause, longestPause) = (1, 32)
  /// A face is announced when it was seen in so many frames.
  private static let framesBeforeAnnounced = 2

  init(
    _ gallery: Gallery, _ source: VideoSource, options: QueryOptions, asJSON: Bool, _ arguments: Arguments
  ) {
    (self.gallery, self.source, self.options, isJSON) = (gallery, source, options, asJSON)
    self.arguments = arguments
  }

  /// Looks until the source ends, or somebody presses Ctrl-C.
  ///
  /// - Throws: `VideoError` when there is not one frame to begin with; `GalleryError`.
  func run() throws {
    let signals = SignalPipe([SIGINT, SIGTERM])
    if let signals {
      let starts = WorkerThread.start("interruption") { [ending] in
        if signals.wait() != nil { ending.ask() }
      }
      if !starts { signals.cancel() }
    }
    defer { signals?.cancel() }
    var pause = Self.firstPause
    var hasSeen = false
    while true {
      var reason = "it ended"
      do {
        if try look() { (hasSeen, pause) = (true, Self.firstPause) }
      } catch let error as VideoError
        where ending.isAsked || hasSeen && source.isLive && error.code != .programMissing
      {
        reason = error.message
      }
      guard source.isLive, !ending.isAsked else { return }
      Terminal.warn("\(source.label) is opened again in \(pause) s: \(reason)")
      for _ in 0..<pause * 10 where !ending.isAsked { usleep(100_000) }
      if ending.isAsked { return }
      pause = min(pause * 2, Self.longestPause)
    }
  }

  /// Looks at one connection to its end.
  ///
  /// - Returns: Whether there was a frame.
  private func look() throws -> Bool {
    let frames = try VideoReading.frames(source, arguments)
    ending.reads(frames.stopper)
    defer { ending.reads(nil) }
    start = nil
    var faces = try gallery.videoFaces(
      every: frames.every, detection: DetectionFlags.options(arguments))
    defer {
      // After Ctrl-C nobody has left.
      if !ending.isAsked { for track in faces.finish() { leave(track) } }
      present = [:]
    }
    var hasFrame = false
    while let frame = try frames.next(), !ending.isAsked {
      hasFrame = true
      if source.isLive, start == nil { start = Date(timeIntervalSinceNow: -frame.time) }
      for track in try faces.look(at: frame) { leave(track) }
      try announce(faces.tracks, at: frame.time)
    }
    if !ending.isAsked, let damage = frames.damage { Terminal.warn("\(source.label): \(damage)") }
    return hasFrame
  }

  private func announce(_ tracks: [FaceTrack], at time: Double) throws {
    let asked = tracks.filter { track in
      track.to == time && track.frames >= Self.framesBeforeAnnounced
        && present[track.number]?.isKnown != true
    }
    let answers = asked.isEmpty ? [] : try gallery.query(tracks: asked, options: options)
    for answer in answers {
      let (number, verdict) = (answer.track.number, answer.answer.verdict)
      let isThere = isPresent(verdict)
      guard let before = present.updateValue(verdict, forKey: number) else {
        if !isThere { say(.came, verdict, at: answer.track.from) }
        continue
      }
      if verdict.isKnown { say(.recognised, verdict, before: before, at: time) }
    }
  }

  /// Whether the person is there by another track.
  private func isPresent(_ verdict: Verdict) -> Bool {
    verdict.isKnown && present.values.contains { $0.isKnown && $0.names == verdict.names }
  }

  private func leave(_ track: FaceTrack) {
    guard let gone = present.removeValue(forKey: track.number) else { return }
    if !isPresent(gone) { say(.left, gone, at: track.to) }
  }

  private func say(
    _ event: WatchRecord.Event, _ verdict: Verdict, before: Verdict = .unknown, at seconds: Double
  ) {
    let date = start.map { $0.addingTimeInterval(seconds) }
    if isJSON {
      let record = WatchRecord(
        event, at: date.map { $0.formatted(.iso8601) }, seconds: seconds, verdict: verdict)
      // A text and numbers can always be written.
      if let line = try? JSONOutput.line(record) { print(line) }
      return
    }
    let time = date.map { Self.clock($0) } ?? VideoReading.time(seconds)
    let what =
      switch event {
      case .came: "\(verdict.text) came"
      case .recognised: "\(before.text) is \(verdict.text)"
      case .left: "\(verdict.text) left"
      }
    print("\(time) \(what)\n")
  }

  /// Prints a line; when nobody can read it, there is nothing to look for.
  private func print(_ line: String) {
    if !Terminal.print(line) { ending.ask() }
  }

  /// The time of day in the local time zone: 12:03:05.
  private static func clock(_ date: Date) -> String {
    date.formatted(
      Date.ISO8601FormatStyle(timeZone: .current).time(includingFractionalSeconds: false))
  }
}
