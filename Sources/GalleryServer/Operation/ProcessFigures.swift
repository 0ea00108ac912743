internal import Foundation
internal import Support

/// What the process takes of the machine, under the names that Prometheus' own clients give.
enum ProcessFigures {
  /// The figures that the system tells.
  static var families: [MetricFamily] {
    func family(_ name: String, _ kind: String, _ help: String, _ value: Double?) -> MetricFamily? {
      value.map { MetricFamily("process_" + name, kind, help, [.init([:], $0)]) }
    }
    return [
      family("resident_memory_bytes", "gauge", "Resident memory.", residentBytes),
      family("cpu_seconds_total", "counter", "Processor time of all threads, user and system.", cpuSeconds),
      family("start_time_seconds", "gauge", "When the process began, seconds since 1970.", startTime),
      family("open_fds", "gauge", "Open files and connections.", openFiles),
      family("max_fds", "gauge", "Files and connections that may be open.", mostFiles),
    ].compactMap { $0 }
  }

  private static var residentBytes: Double? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let words = text.split(separator: " ")
    guard words.count > 1, let pages = Double(words[1]) else { return nil }
    return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static var cpuSeconds: Double? {
    var time = timespec()
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 ? seconds(time) : nil
  }

  private static var startTime: Double? {
    // The 22nd word, in ticks since the machine began; the second, the program's name in parentheses, may have blanks.
    guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let words = text.split(separator: ")").last?.split(separator: " "), words.count > 19,
      let ticks = Double(words[19])
    else { return nil }
    var (now, sinceBoot) = (timespec(), timespec())
    guard clock_gettime(CLOCK_REALTIME, &now) == 0, clock_gettime(CLOCK_BOOTTIME, &sinceBoot) == 0 else {
      return nil
    }
    let age = seconds(sinceBoot) - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    return (seconds(now) - age).rounded()
  }

  private static var openFiles: Double? {
    (try? Folder.names(in: "/proc/self/fd")).map { Double($0.valid.count) }
  }

  private static var mostFiles: Double? {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
      ? Double(limit.rlim_cur) : nil
  }

  private static func seconds(_ time: timespec) -> Double {
    Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
