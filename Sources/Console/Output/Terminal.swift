import Foundation
internal import Support
import Synchronization

/// Standard output and standard error: the one place where they are written to.
public enum Terminal {
  /// Why standard output could not be written, the first time; nil as long as all is well.
  private static let outputError = Mutex<Int32?>(nil)
  /// Whether reports are for programs.
  private static let printsCSV = Mutex(false)

  /// Writes to standard output, which is for results: lines of text as people are shown it (``PrintableText``), or of JSON, which means
  /// the same after that.
  ///
  /// When it cannot be written the program goes on, and ``Program/run(_:)`` says so at the end. A reader who has closed the
  /// pipe (`| head`) has read enough: that is no error.
  /// - Returns: Whether all that was printed until now has been written.
  @discardableResult
  public static func print(_ text: String) -> Bool {
    outputError.withLock { error in
      if error == nil {
        let code = write(PrintableText.of(text, keepingLines: true), to: STDOUT_FILENO)
        if code != 0 { error = code }
      }
      return error == nil
    }
  }

  /// Writes a report to standard output; with ``Report/csv`` its tables alone, and the rest to standard error.
  ///
  /// - Returns: As ``print(_:)``.
  @discardableResult
  public static func print(_ report: Report) -> Bool {
    guard printsCSV.withLock({ $0 }) else { return print(report.text) }
    note(report.sentences)
    return print(report.tables)
  }

  /// Writes to standard error, which is for progress, notes and errors; where that cannot be written, nobody is left to be
  /// told.
  public static func note(_ text: String) {
    _ = write(PrintableText.of(text, keepingLines: true), to: STDERR_FILENO)
  }

  /// Draws one line anew on standard error, which is a terminal that can do so; an empty one wipes it.
  static func redraw(_ line: String) {
    _ = write("\r\u{1B}[K" + PrintableText.of(line), to: STDERR_FILENO)
  }

  /// Says on standard error what somebody at a terminal may want to know, and a script does not.
  ///
  /// - Parameter sentence: What is said; nil when there is nothing to say. Called only at a terminal.
  public static func remark(_ sentence: () -> String?) {
    guard isatty(STDERR_FILENO) == 1, let sentence = sentence() else { return }
    note(sentence + "\n")
  }

  /// Says on standard error that something is not as it should be, though the command has done its work.
  public static func warn(_ sentence: String) { note("warning: \(sentence)\n") }

  /// Why standard output could not be written; nil when it could, or when its reader wanted no more.
  static var outputProblem: String? {
    outputError.withLock { $0.flatMap { $0 == EPIPE ? nil : String(cString: strerror($0)) } }
  }

  /// Forgets earlier trouble with standard output.
  static func beginReport() {
    outputError.withLock { $0 = nil }
    printsCSV.withLock { $0 = false }
  }

  /// Writes reports for programs from now on.
  static func printCSV() { printsCSV.withLock { $0 = true } }

  /// Writes all of a text; 0 or the error number.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let written = Foundation.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if written > 0 {
          done += written
        } else if errno == EAGAIN {
          // A terminal or pipe that was made not to wait: its reader is slow.
          var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wanted, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }

  /// Opens the standard streams that the program was started without, so that no file of its own takes their numbers and
  /// has reports written into it. What is written to such a stream fails.
  public static func holdStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
      // The lowest number that is free is this one.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Asks a yes/no question on the terminal; `nil` when nobody can answer.
  ///
  /// - Parameter facts: What somebody has to know to answer; shown before the question. Called only at a terminal.
  public static func confirm(_ question: String, about facts: () -> String = { "" }) -> Bool? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return nil }
    note(facts())
    note(question + " [y/N] ")
    return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
  }

  /// Whether standard error is a terminal that can redraw a line.
  static var canRedraw: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// The columns of the terminal behind standard error; 80 when unknown.
  static var columns: Int { columns(of: STDERR_FILENO) ?? 80 }

  /// The columns of the terminal that standard output is; nil when it is none, or of unknown size.
  static var outputColumns: Int? { columns(of: STDOUT_FILENO) }

  private static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
