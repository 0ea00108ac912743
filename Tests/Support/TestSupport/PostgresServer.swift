internal import Foundation

/// A PostgreSQL server with pgvector that tests use, on a port of its own: one for the whole process, or one that a test stops and starts.
///
/// It ends with the process, however that ends: what it was started by waits for the end of a pipe.
package final class PostgresServer: Sendable {
  /// The folder of the server's programs; nil where the package cannot be had.
  private static let programs: String? = {
    if let folder = ProcessInfo.processInfo.environment["FACEGALLERY_POSTGRES"], !folder.isEmpty {
      return folder
    }
    let run = try? PythonTool.run(["bash", PythonTool.file("Scripts/postgres-server.sh")])
    return run.flatMap { $0.status == 0 ? $0.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil }
  }()

  /// The server that all tests of a process share, each with a gallery of its own; nil where there is none.
  package static let shared: PostgresServer? = try? PostgresServer()

  /// Why tests that need a server are skipped.
  package static let reason = "PostgreSQL cannot be had here: Scripts/postgres-server.sh says why"

  private struct Unavailable: Error {}

  /// The port on this machine.
  package let port: Int
  private let process: Process
  private let input = Pipe()
  private let folder: String

  /// Starts a server with an empty database `postgres`, whose superuser `postgres` needs no password; `clerk` has the password `open sesame`.
  ///
  /// - Parameter settings: Further settings, each `name=value`.
  package convenience init(settings: [String] = []) throws { try self.init(settings: settings, primary: nil) }

  /// Starts a standby that follows another server, from a copy of it as it is now.
  package convenience init(standbyOf primary: PostgresServer) throws {
    try self.init(settings: [], primary: primary.port)
  }

  private init(settings: [String], primary: Int?) throws {
    guard let programs = Self.programs else { throw Unavailable() }
    folder =
      FileManager.default.temporaryDirectory.appending(path: "facegallery-pg-\(UUID().uuidString)").path
    port = try Self.freePort()
    process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments =
      ["-c", Self.script, "server", programs, folder, String(port), primary.map { String($0) } ?? ""]
      + settings
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    // It says its number when it takes connections.
    var printed = Data()
    while !printed.contains(UInt8(ascii: "\n")) {
      let bytes = output.fileHandleForReading.availableData
      guard !bytes.isEmpty else { throw Unavailable() }
      printed += bytes
    }
  }

  deinit { stop() }

  /// Ends the server and removes all it has.
  package func stop() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// The URL of a gallery, which need not be there.
  package func url(_ gallery: String, user: String = "postgres", database: String = "postgres") -> String {
    "postgresql://\(user)@127.0.0.1:\(port)/\(database)?gallery=\(gallery)&sslmode=disable"
  }

  /// The URL of a gallery that nobody else has.
  package func newURL() -> String {
    url("g" + UUID().uuidString.lowercased().filter { $0 != "-" })
  }

  /// Kills the server's processes at once, as the loss of power would, and starts it again.
  package func crash() throws { try tell("crash") }

  /// Stops the server at once without starting it again.
  package func halt() throws { try tell("halt") }

  /// Makes a standby a primary, which takes changes from here on.
  package func promote() throws { try run("SELECT pg_promote()") }

  /// Starts it again.
  package func start() throws { try tell("start") }

  private func tell(_ word: String) throws {
    let answer = "\(folder)/answer"
    try? FileManager.default.removeItem(atPath: answer)
    try input.fileHandleForWriting.write(contentsOf: Data("\(word)\n".utf8))
    guard eventually({ FileManager.default.fileExists(atPath: answer) }) else { throw Unavailable() }
  }

  /// Runs statements by `psql` of the server, as its superuser, and returns what they give.
  @discardableResult
  package func run(_ statements: String, database: String = "postgres") throws -> String {
    let (status, output) = try PythonTool.run(
      [
        "\(Self.programs ?? "")/psql".replacingOccurrences(of: "//", with: "/"), "-X", "-At", "-v",
        "ON_ERROR_STOP=1", "-h",
        "127.0.0.1", "-p", String(port), "-U", "postgres", "-d", database, "-c", statements,
      ])
    guard status == 0 else { throw Failure(output: output) }
    return output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// What `psql` said.
  package struct Failure: Error, CustomStringConvertible {
    package let output: String
    package var description: String { output }
  }

  private static func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw Unavailable() }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(socket, raw, length) == 0 ? getsockname(socket, raw, &length) : -1
      }
    }
    guard status == 0 else { throw Unavailable() }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  /// Makes a cluster of databases and runs the server in it, as nobody where this is the superuser, who may not; obeys words on its input
  /// until that ends.
  private static let script = """
    set -e
    programs=$1 folder=$2 port=$3 primary=$4
    shift 4
    as=()
    mkdir -m 755 "$folder"
    trap 'rm -rf "$folder"' EXIT
    if ((EUID == 0)); then
      chown nobody:nogroup "$folder"
      as=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all env HOME="$folder")
    fi
    cd "$folder"
    if [[ -n $primary ]]; then
      "${as[@]}" "$programs/pg_basebackup" -h 127.0.0.1 -p "$primary" -U postgres -D "$folder/data" -R -c fast --no-sync
    else
      "${as[@]}" "$programs/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 \\
        --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --no-sync >/dev/null
    fi
    settings=()
    for setting in listen_addresses=127.0.0.1 port="$port" unix_socket_directories="$folder" fsync=off \\
      lc_messages=C "$@"; do settings+=(-c "$setting"); done
    if [[ -z $primary ]]; then
      {
        echo "host all clerk 127.0.0.1/32 scram-sha-256"
        cat "$folder/data/pg_hba.conf"
      } >"$folder/hba"
      cat "$folder/hba" >"$folder/data/pg_hba.conf"
    fi
    start() {
      "${as[@]}" "$programs/postgres" -D "$folder/data" "${settings[@]}" </dev/null >>"$folder/log" 2>&1 &
      for ((i = 0; i < 600; i++)); do
        "$programs/pg_isready" -q -h 127.0.0.1 -p "$port" && return
        sleep 0.1
      done
      exit 1
    }
    halt() {
      pid=$(head -1 "$folder/data/postmaster.pid")
      pkill -KILL -P "$pid" || true
      kill -KILL "$pid" || true
      wait || true
      while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
      rm -f "$folder/data/postmaster.pid"
    }
    start
    [[ -n $primary ]] || "$programs/psql" -X -q -h 127.0.0.1 -p "$port" -U postgres -d postgres -c \\
      "CREATE ROLE clerk LOGIN PASSWORD 'open sesame'" >/dev/null
    echo "$port"
    while read -r word; do
      case $word in
        crash) halt; start ;;
        halt) halt ;;
        start) start ;;
      esac
      touch "$folder/answer"
    done
    if [[ -f "$folder/data/postmaster.pid" ]]; then kill -QUIT "$(head -1 "$folder/data/postmaster.pid")" || true; fi
    wait || true
    """
}
