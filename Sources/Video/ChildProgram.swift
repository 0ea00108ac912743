internal import CFiles
internal import Glibc
internal import Support
internal import Synchronization

/// A program that runs beside this one: what it writes is read from two pipes. It does not outlive this object.
final class ChildProgram: Sendable {
  /// Its standard output and standard error, to be read from.
  let output: Int32
  let errors: Int32
  /// The process, nil when it has ended and was seen off; and whether it was ended here.
  private let state: Mutex<(process: pid_t?, isStopped: Bool)>

  /// Starts a program that is looked for in `PATH`, without standard input, and with an environment of a few variables.
  ///
  /// - Parameter words: What follows its name, each ending in NUL.
  /// - Throws: `SystemError`: `ENOENT` where there is no such program.
  init(_ program: String, _ words: [[CChar]]) throws(SystemError) {
    var ends: [Int32] = []
    func closeAll() { for end in ends { close(end) } }
    for _ in 0..<2 {
      var pair: [Int32] = [-1, -1]
      guard fg_own_pipe(&pair) == 0 else {
        let error = SystemError("be started", program)
        closeAll()
        throw error
      }
      ends += pair
    }
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[3], STDERR_FILENO)
    // It ends by the signals by which programs end, whatever this one does at them; in the same group, so that Ctrl-C reaches it.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGXFSZ] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(
      &attributes, Int16(truncatingIfNeeded: POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let environment = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"].compactMap { name in
      PathText.environment(name).map {
        Array("\(name)=".utf8).map(CChar.init(bitPattern:)) + PathText.system($0)
      }
    }
    var pid: pid_t = -1
    let code = Self.withPointers([Array(program.utf8CString)] + words) { words in
      Self.withPointers(environment) { environment in
        posix_spawnp(&pid, program, &actions, &attributes, words, environment)
      }
    }
    close(ends[1])
    close(ends[3])
    guard code == 0 else {
      close(ends[0])
      close(ends[2])
      throw SystemError("be started", program, code: code)
    }
    (output, errors) = (ends[0], ends[2])
    state = Mutex((pid, false))
  }

  deinit {
    stop()
    _ = wait()
    close(output)
    close(errors)
  }

  /// Ends it at once, from any thread; what it has written can still be read.
  func stop() {
    state.withLock { state in
      guard let pid = state.process else { return }
      state.isStopped = true
      _ = kill(pid, SIGKILL)
    }
  }

  /// Whether it was ended by ``stop()``, and not by itself or by somebody else.
  var isStopped: Bool { state.withLock { $0.isStopped } }

  /// Waits for its end.
  ///
  /// - Returns: The status as of `waitpid`; nil when it was waited for before.
  func wait() -> Int32? {
    guard let pid = state.withLock({ $0.process }) else { return nil }
    // It stays a zombie meanwhile, so that nobody else gets its number and is stopped in its place.
    var information = siginfo_t()
    while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return state.withLock { state in
      guard state.process != nil else { return nil }
      state.process = nil
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 { if errno != EINTR { return nil } }
      return status
    }
  }

  /// Calls `body` with an array of words as C has it: pointers, the last nil.
  private static func withPointers<Result>(
    _ words: [[CChar]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = words.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      // It has one element at least, so there is an address.
      withExtendedLifetime(words) { body(buffer.baseAddress.unsafelyUnwrapped) }
    }
  }
}
