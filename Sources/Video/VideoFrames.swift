internal import Glibc
public import Imaging
internal import Support

/// A picture of a video.
public struct VideoFrame: Sendable {
  /// Seconds from the beginning, by the file's own times; never before the frame that came before.
  public let time: Double
  /// The picture, upright, with square pixels.
  public let image: RGBImage
}

/// Frames of a video, one after the other, as the program `ffmpeg` decodes them in a process of its own.
///
/// Nothing of ffmpeg is linked: what a hostile file does to its decoder, it does to that process, which can be killed. Any version from 4
/// on will do. Of each stretch of ``every`` seconds the first frame is taken, with its real time. Only one frame is held; the program waits
/// while nobody asks for the next. It ends with this object.
///
/// Files are read by formats that are videos by themselves (``VideoFormat``); playlists and scripts, which name other files, and
/// addresses within files are refused.
public final class VideoFrames {
  /// Seconds from frame to frame.
  public let every: Double
  /// After the end: why there may be less than was filmed; nil when all was read. One sentence.
  public private(set) var damage: String?
  /// Ends the reading, from any thread: ``next()`` gives nil soon.
  public let stopper: Stopper

  /// Seconds for which a camera or stream may send nothing.
  public static let patience = 30
  /// ``every`` unless told otherwise.
  public static let standardInterval = 0.5
  /// Larger frames are made smaller, to so many pixels: 4096 × 2304.
  public static let mostPixels = 4096 * 2304

  /// Ends the reading of frames, from any thread.
  public struct Stopper: Sendable {
    fileprivate let child: ChildProgram

    /// Ends it.
    public func stop() { child.stop() }
  }

  private let source: VideoSource
  private let child: ChildProgram
  private var messages = VideoMessages()
  private var hasErrorsEnded = false
  private var isAtEnd = false
  private var count = 0
  private var last = 0.0
  /// Bytes that were read and not used.
  private var pending: [UInt8] = []

  /// Starts reading.
  ///
  /// - Parameters:
  ///   - source: What is read.
  ///   - every: Seconds from frame to frame, 0.01…3600.
  ///   - maximumPixels: Larger frames are made smaller; at most ``mostPixels``.
  ///   - program: The program, by its name in `PATH` or its path.
  /// - Throws: ``VideoError``: `programMissing`, `notStarted`. What is wrong with the source is told by ``next()``.
  public init(
    _ source: VideoSource, every: Double = VideoFrames.standardInterval,
    maximumPixels: Int = VideoFrames.mostPixels, program: String = "ffmpeg"
  ) throws(VideoError) {
    precondition((0.01...3600).contains(every), "frames are 0.01 to 3600 seconds apart")
    self.source = source
    self.every = every
    let pixels = min(max(maximumPixels, 1), Self.mostPixels)
    let before = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+info"]
    let after = [
      "-map", "0:V:0", "-an", "-sn", "-dn", "-vf", Self.filters(every: every, pixels: pixels),
      // The times are told beside: here each frame has its own second, so that none is left out or sent twice.
      "-r", "1", "-f", "image2pipe", "-c:v", "ppm", "pipe:1",
    ]
    do throws(SystemError) {
      child = try ChildProgram(
        program,
        before.map { Array($0.utf8CString) } + source.words + after.map { Array($0.utf8CString) })
    } catch {
      guard error.code == ENOENT || error.code == EACCES || error.code == ENOTDIR else {
        throw VideoError(.notStarted, "The program \(program), which reads videos, \(error.reason).")
      }
      throw VideoError(
        .programMissing, "Videos are read by the program \(program), which is not installed.")
    }
    stopper = Stopper(child: child)
  }

  private static func filters(every: Double, pixels: Int) -> String {
    // By hundred-thousandths: times are sums of what has no exact binary form.
    let (stretch, before) = ("floor(t/\(every)+0.00001)", "floor(prev_selected_t/\(every)+0.00001)")
    let width = "iw*clip(sar,0.1,10)"
    let scale = "min(1,sqrt(\(pixels)/(\(width)*ih)))"
    return [
      "select='isnan(prev_selected_t)+gt(\(stretch),\(before))+lt(t,prev_selected_t)'", "showinfo",
      "scale=w='max(1,trunc(\(width)*\(scale)))':h='max(1,trunc(ih*\(scale)))'", "setsar=1", "format=rgb24",
      "settb=1/1000", "setpts=N*1000",
    ].joined(separator: ",")
  }

  /// The next frame; nil at the end.
  ///
  /// - Throws: ``VideoError``: `unreadable` and `noPicture` where there is not one frame, `silent` for a camera or stream.
  public func next() throws(VideoError) -> VideoFrame? {
    if isAtEnd { return nil }
    guard let image = try readImage() else {
      try finish()
      return nil
    }
    var time = messages.takeTime()
    while time == nil, !hasErrorsEnded {
      try waitForInput(wantsOutput: false)
      time = messages.takeTime()
    }
    // What nobody announced is a frame that was sent twice.
    guard let time else {
      try finish()
      return nil
    }
    count += 1
    last = time.isFinite ? max(last, time) : last
    return VideoFrame(time: last, image: image)
  }

  /// Sees the program off, and says why there is no frame or may be less than there was.
  private func finish() throws(VideoError) {
    isAtEnd = true
    while !hasErrorsEnded { try waitForInput(wantsOutput: false) }
    let status = child.wait() ?? 0
    let (signal, exit) = (status & 0x7F, status >> 8 & 0xFF)
    var reason = messages.firstError
    if reason == nil, signal != 0 { reason = "ffmpeg was ended by signal \(signal)" }
    if reason == nil, exit != 0 { reason = "ffmpeg ended with status \(exit)" }
    // Who ended it knows that.
    if child.isStopped { return }
    guard count == 0 else {
      damage = reason.map { "A part of it is missing or damaged (\($0)); what can be read was looked at." }
      return
    }
    if messages.hasNoPicture { throw VideoError(.noPicture, "There is no moving picture in it.") }
    guard let reason else { throw VideoError(.noPicture, "There is no frame in it.") }
    throw VideoError(.unreadable, "The video cannot be read: \(reason).")
  }

  /// A picture in PPM, which says how large it is: `P6`, width and height, 255, pixels.
  private func readImage() throws(VideoError) -> RGBImage? {
    guard let width = try readNumber(after: "P6\n"), let height = try readNumber(after: ""),
      let depth = try readNumber(after: ""), depth == 255, width > 0, height > 0,
      width * height <= 2 * Self.mostPixels
    else { return nil }
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    var done = min(pending.count, pixels.count)
    pixels.replaceSubrange(..<done, with: pending[..<done])
    pending.removeFirst(done)
    while done < pixels.count {
      try waitForInput(wantsOutput: true)
      let count = pixels.withUnsafeMutableBytes { bytes in
        Glibc.read(child.output, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      // Cut off: the program was ended.
      guard count > 0 else { return nil }
      done += count
    }
    return try? RGBImage(width: width, height: height, pixels: pixels)
  }

  /// A number of up to seven digits after some text, and the blank behind it; nil at the end, or when something else comes.
  private func readNumber(after text: String) throws(VideoError) -> Int? {
    for byte in text.utf8 { guard try readByte() == byte else { return nil } }
    var number = 0
    for place in 0...7 {
      guard let byte = try readByte() else { return nil }
      if place > 0, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") { return number }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return nil
  }

  private func readByte() throws(VideoError) -> UInt8? {
    while pending.isEmpty {
      try waitForInput(wantsOutput: true)
      var chunk = [UInt8](repeating: 0, count: 64)
      let count = Glibc.read(child.output, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      pending = Array(chunk[..<count])
    }
    return pending.removeFirst()
  }

  /// Waits until there is output, or its end, and reads messages meanwhile; without output wanted, until there are messages, or their end.
  private func waitForInput(wantsOutput: Bool) throws(VideoError) {
    while true {
      var inputs = [
        // What is negative is not looked at.
        pollfd(fd: wantsOutput ? child.output : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: hasErrorsEnded ? -1 : child.errors, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&inputs, 2, source.isLive ? Int32(Self.patience * 1000) : -1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else {
        child.stop()
        isAtEnd = true
        throw VideoError(.notStarted, SystemError("be read", source.label).description)
      }
      guard count > 0 else {
        child.stop()
        isAtEnd = true
        throw VideoError(.silent, "Nothing came from \(source.label) for \(Self.patience) seconds.")
      }
      if inputs[1].revents != 0 { readMessages() }
      if !wantsOutput || inputs[0].revents != 0 { return }
    }
  }

  private func readMessages() {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(child.errors, &chunk, chunk.count)
    if count < 0, errno == EINTR { return }
    guard count > 0 else {
      hasErrorsEnded = true
      return
    }
    messages.append(chunk[..<count])
  }
}
