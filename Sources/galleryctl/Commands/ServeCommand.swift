import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import GalleryServer
import HTTPServing
import Imaging
import Support

/// `galleryctl serve`: galleries over HTTP.
enum ServeCommand: Subcommand {
  private static let server = ServerSettings()
  private static let limits = Limits()

  static let host = ValueOption<String>(
    "--host", placeholder: "ADDRESS",
    help: "Listen at this address (default \(server.host); 0.0.0.0 is everywhere).")
  static let port = ValueOption<Int>(
    "--port", "-p", placeholder: "N", help: "Listen at this port (default \(server.port); 0 takes any).",
    in: 0...65_535)
  static let certificate = ValueOption<String>(
    "--tls-cert", placeholder: "FILE", help: "Serve HTTPS with this certificate chain (PEM).")
  static let key = ValueOption<String>(
    "--tls-key", placeholder: "FILE", help: "The certificate's private key (PEM, without passphrase).")
  static let noKeys = Flag(
    "--no-keys",
    help: "Ask for no keys: whoever reaches the server may do everything. Loopback addresses only.")
  static let hostName = ValueOption<String>(
    "--host-name", placeholder: "NAME",
    help: "A name under which browsers reach the server, beside localhost; may be given several times.",
    isRepeatable: true)
  static let origin = ValueOption<String>(
    "--cors-origin", placeholder: "ORIGIN",
    help:
      "Pages from there may use the server (CORS), as https://example.org; * is all, and needs keys; may be given several times.",
    isRepeatable: true)
  static let replica = ValueOption<String>(
    "--replica", placeholder: "DIR",
    help:
      "Serve the gallery in PostgreSQL from a copy in this folder, which is made where there is none and follows (docs/distributed.md)."
  )
  static let keepThumbnails = Flag(
    "--keep-thumbnails",
    help: "Keep a thumbnail of each enrolled face; else no pixel is kept.")
  static let backups = ValueOption<String>(
    "--backups", placeholder: "FOLDER",
    help: "Where backups are put that an administrator asks for over HTTP; else they are refused.")
  static let compactAt = ValueOption<String>(
    "--compact-at", placeholder: "HH:MM",
    help:
      "Compact the galleries at this time of every day, while they are served; no other program may have them open then."
  )
  static let webhook = ValueOption<String>(
    "--webhook", placeholder: "URL",
    help: "Post every enrolment and recognition there as JSON, signed with a secret (docs/service.md).")
  static let webhookSecret = ValueOption<String>(
    "--webhook-secret-file", placeholder: "FILE",
    help: "The secret of the webhook, a line of 16 bytes or more; else the variable \(secretVariable) has it."
  )
  private static let secretVariable = "GALLERYCTL_WEBHOOK_SECRET"
  /// Seconds in which events that wait are delivered when the server stops.
  private static let webhookGrace = 5
  static let metricsKey = ValueOption<String>(
    "--metrics-key-file", placeholder: "FILE",
    help: "A key, alone in FILE, that opens /metrics for all galleries and the process, and nothing else.")
  static let threads = ValueOption<Int>(
    "--threads", placeholder: "N",
    help: "Photos processed in parallel (default: the number of cores).",
    in: OptionLimits.threads)
  static let upload = ValueOption<Int>(
    "--max-upload", placeholder: "MIB",
    help: "The largest body with photos, in MiB (default \(limits.uploadBytes >> 20)).",
    in: 1...1_024)
  static let requests = ValueOption<Int>(
    "--max-requests", placeholder: "N",
    help: "Requests at work at the same time; more get 503 (default \(limits.requestsInFlight)).",
    where: ("from 1", { $0 >= 1 }))
  static let queue = ValueOption<Int>(
    "--max-photos", placeholder: "N",
    help: "Requests with photos at work or waiting; more get 503 (default \(limits.uploadsInFlight)).",
    where: ("from 1", { $0 >= 1 }))
  static let photoMemory = ValueOption<Int>(
    "--photo-memory", placeholder: "MIB",
    help:
      "Memory that photos at work may take together, by their pixels; others wait, and one that needs more is refused (default \(ServiceSettings().photoMemory >> 20)).",
    in: 16...1_048_576)
  static let rate = ValueOption<Double>(
    "--rate", placeholder: "N",
    help: "Requests a second that a key may make; more get 429 (default: no limit).",
    where: ("above 0", { $0 > 0 }))
  static let timeout = ValueOption<Int>(
    "--timeout", placeholder: "S",
    help: "Seconds in which a request must have arrived (default \(limits.receiveSeconds)).",
    in: 1...3_600)
  static let idle = ValueOption<Int>(
    "--idle", placeholder: "S",
    help: "Seconds that a connection may be idle (default \(limits.idleSeconds)).",
    in: 1...3_600)
  static let grace = ValueOption<Int>(
    "--grace", placeholder: "S",
    help: "Seconds that running requests have when the server stops (default \(limits.graceSeconds)).",
    in: 0...3_600)
  static let log = ValueOption<EventLog.Level>(
    "--log", placeholder: "WHAT",
    help: "Log requests (default), only events, or turn it off; JSON lines on standard error.")

  static let description = CommandDescription(
    name: "serve",
    summary: "Serves galleries over HTTP, also to clients of CompreFace.",
    discussion: """
      Each GALLERY is a folder, or NAME=FOLDER; without one it is the gallery of --gallery. A key (see galleryctl keys)
      belongs to one gallery and says what may be done with it. SIGTERM finishes what runs, saves the index and exits 0.

      SIGHUP reads the certificate again; keys are always read when their file changes. One key, or one address without
      a key, gets at most half of what is limited, so that there is room for others.

      Every option has a variable: --max-upload is also GALLERYCTL_MAX_UPLOAD.
      """,
    positionals: [
      .init("GALLERY", help: "Folders of galleries, made when they are not there.", count: 0...(.max))
    ],
    options: [
      host, port, certificate, key, noKeys, hostName, origin, replica, keepThumbnails, backups, compactAt,
      webhook, webhookSecret, metricsKey,
      threads, upload,
      PhotoLimit.ofService,
      requests,
      queue,
      photoMemory, rate,
      timeout, idle,
      grace, log, DetectionFlags.detector,
    ],
    examples: [
      .init("galleryctl serve --no-keys", "serves ./gallery to this machine"),
      .init(
        "galleryctl serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
        "serves HTTPS to everybody with a key"),
      .init(
        "galleryctl serve family=/srv/family work=/srv/work", "serves two galleries, each to its own keys"),
      .init(
        "galleryctl -g postgresql://db1,db2/faces serve --replica /srv/copy",
        "searches a copy of a gallery in PostgreSQL, and writes there"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let stopSignal = StopSignal()
    // Whoever reads the log may go away: the galleries go on being served.
    signal(SIGPIPE, SIG_IGN)
    var settings = try serverSettings(arguments)
    let service = try serviceSettings(arguments)
    settings.uploadMemory = service.photoMemory
    if !service.needsKeys, !isLoopback(settings.host) {
      throw UsageError(
        "--no-keys is possible only at a loopback address, not at \(settings.host); make keys instead.")
    }
    let truth = try truth(arguments)
    let folders = try truth.map { [(name: $0.name, folder: $0.folder)] } ?? folders(arguments)
    if !service.needsKeys, folders.count > 1 {
      throw UsageError(
        "--no-keys is possible with one gallery only, since a key says which one is meant; make keys instead."
      )
    }
    let threads = try photoThreads(arguments)
    let log = EventLog.standardError(try Setting.value(Self.log, arguments) ?? .requests)
    let webhooks = try webhooks(arguments, log)
    var options = GalleryOptions()
    options.decoder = try PhotoLimit.serviceDecoder(arguments)
    // A writer that never ends holds up its own gallery only.
    settings.changeThreads = max(settings.changeThreads, 2 * folders.count)
    settings.upkeepThreads = max(settings.upkeepThreads, folders.count)
    // Galleries that were filled with the same engine share one.
    var engines: [EngineSpecification: BatchingEngine] = [:]
    let galleries = try folders.map { name, folder in
      func engine(_ remembered: EngineSpecification?) throws -> BatchingEngine {
        let specification = arguments.specification(remembered: remembered)
        if let engine = engines[specification] { return engine }
        let engine = BatchingEngine(try arguments.engine(specification, threads: threads))
        engines[specification] = engine
        return engine
      }
      let warn: @Sendable (String) -> Void = { log.event("gallery", "\(name): \($0)") }
      let gallery =
        if let truth {
          try Gallery.open(
            copyOf: truth.address, in: folder, options: options, warn: warn,
            progress: { log.event("copy", "\(name): \($0) faces are copied.") }, engine: engine)
        } else {
          try Gallery.open(at: folder, options: options, warn: warn, engine: engine)
        }
      return try ServedGallery(gallery, name: name)
    }
    let server = try HTTPServer(
      GalleryService(
        galleries: galleries, settings: service, log: log, engines: Array(engines.values), webhooks: webhooks),
      settings)
    for served in galleries where service.needsKeys && !served.hasKeys {
      Terminal.note(
        "The gallery \(served.name) has no keys, so nobody may use it: "
          + "galleryctl --gallery \(served.gallery.url.path(percentEncoded: false)) keys add --role write\n")
    }
    let scheme = settings.tls == nil ? "http" : "https"
    let shown = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
    Terminal.print("serving \(scheme)://\(shown):\(server.port)\n")
    fflush(nil)
    stopSignal.wait {
      do throws(ServerError) {
        try server.reloadCertificate()
      } catch {
        log.event("certificate", "The certificate from before stays: \(error)")
      }
    }
    defer { log.flush() }
    let hasEnded = server.stop()
    webhooks?.stop(within: webhookGrace)
    guard hasEnded else { return .trouble }
    for served in galleries { _ = served.gallery.finish() }
    return .success
  }

  /// The gallery in PostgreSQL of which a copy is served; nil for galleries in folders.
  private static func truth(
    _ arguments: Arguments
  ) throws -> (address: URL, name: String, folder: URL)? {
    guard let path = try Setting.value(replica, arguments) else { return nil }
    guard arguments.positionals.isEmpty else {
      throw UsageError(
        "--replica goes with --gallery, which names a gallery in PostgreSQL, and with no GALLERY.")
    }
    let address = try arguments.galleryURL
    guard Gallery.isOnServer(address) else {
      throw UsageError(
        "--replica is for a gallery in PostgreSQL: name its address by --gallery, as postgresql://host/database."
      )
    }
    let folder = URL(typed: path, directoryHint: .isDirectory)
    return (address, folder.standardizedFileURL.lastPathComponent, folder)
  }

  private static func folders(_ arguments: Arguments) throws -> [(name: String, folder: URL)] {
    guard !arguments.positionals.isEmpty else {
      let folder = try arguments.galleryFolder(
        for: "serve needs a folder for a copy of it: name one by --replica DIR")
      return [(folder.standardizedFileURL.lastPathComponent, folder)]
    }
    let folders = try arguments.positionals.map { word throws -> (name: String, folder: URL) in
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard !parts.contains("") else {
        throw UsageError("A gallery is FOLDER or NAME=FOLDER, not \"\(word)\".")
      }
      guard try Gallery.address(parts.last ?? word) == nil else {
        throw InputError(
          "serve answers from folders: name the address by --gallery, and a folder for its copy by --replica."
        )
      }
      let folder = URL(typed: parts.count == 2 ? parts[1] : word, directoryHint: .isDirectory)
      return (parts.count == 2 ? parts[0] : folder.standardizedFileURL.lastPathComponent, folder)
    }
    guard Set(folders.map(\.name)).count == folders.count,
      Set(folders.map { $0.folder.resolvingSymlinksInPath().path }).count == folders.count
    else { throw UsageError("Two of the galleries have the same name or folder; write NAME=FOLDER.") }
    return folders
  }

  private static func isLoopback(_ host: String) -> Bool {
    Authority(host.contains(":") ? "[\(host)]" : host)?.isLoopback == true
  }

  /// The values of an option that may be given several times; its variable has them between commas.
  private static func all(_ option: ValueOption<String>, _ arguments: Arguments) throws -> [String] {
    let given = arguments.all(option)
    guard given.isEmpty, let listed = try Setting.value(option, arguments) else { return given }
    return listed.split(separator: ",").map(String.init)
  }

  private static func origins(_ arguments: Arguments, needsKeys: Bool) throws -> AllowedOrigins {
    let words = try all(origin, arguments)
    if words.contains("*") {
      guard needsKeys else {
        throw UsageError(
          "--cors-origin \"*\" lets in every page of the web, so it needs keys; name the origins.")
      }
      return .all
    }
    return .these(
      Set(
        try words.map { word throws(UsageError) in
          guard let origin = WebOrigin(word) else {
            throw UsageError(
              "--cors-origin takes * or an origin such as https://example.org:8443, without a path, not \"\(word)\"."
            )
          }
          return origin
        }))
  }

  private static func hostNames(_ arguments: Arguments) throws -> Set<String> {
    let names = try all(hostName, arguments)
    for name in names {
      guard let authority = Authority(name), authority.port == nil, case .name = authority.host else {
        throw UsageError("--host-name takes a name such as faces.example, not \"\(name)\".")
      }
    }
    return Set(names)
  }

  private static func webhooks(_ arguments: Arguments, _ log: EventLog) throws -> Webhooks? {
    let file = try Setting.value(webhookSecret, arguments)
    guard let url = try Setting.value(webhook, arguments) else {
      if file != nil { throw UsageError("--webhook-secret-file goes with --webhook: say where events go.") }
      return nil
    }
    let secret =
      try file.map { try Self.secret(in: $0, "secret of the webhook") }
      ?? ProcessInfo.processInfo.environment[secretVariable] ?? ""
    guard secret.utf8.count >= Webhooks.Settings.leastSecretBytes else {
      throw UsageError(
        "--webhook needs a secret of \(Webhooks.Settings.leastSecretBytes) bytes or more, by --webhook-secret-file or the variable "
          + "\(secretVariable): openssl rand -hex 32")
    }
    guard let settings = Webhooks.Settings(url: url, secret: secret) else {
      throw UsageError("--webhook takes an address such as https://example.org/faces, not \"\(url)\".")
    }
    do {
      return try Webhooks(settings, log: log)
    } catch {
      throw UsageError("--webhook is not possible here: \(error)")
    }
  }

  /// The text of a file, without blanks and line ends around it.
  private static func secret(in file: String, _ what: String) throws -> String {
    guard let data = try? InputFile.readToEnd(file, limit: 4_096),
      let text = String(data: data, encoding: .utf8)
    else { throw InputError("The \(what) cannot be read from \(file).") }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func photoThreads(_ arguments: Arguments) throws -> Int {
    try Setting.value(threads, arguments) ?? ProcessInfo.processInfo.activeProcessorCount
  }

  private static func serverSettings(_ arguments: Arguments) throws -> ServerSettings {
    var settings = ServerSettings()
    settings.host = try Setting.value(host, arguments) ?? settings.host
    settings.port = try Setting.value(port, arguments) ?? settings.port
    switch (try Setting.value(certificate, arguments), try Setting.value(key, arguments)) {
    case (let certificate?, let key?):
      settings.tls = .init(certificate: URL(typed: certificate), key: URL(typed: key))
    case (nil, nil): break
    default: throw UsageError("--tls-cert and --tls-key go together: give both.")
    }
    settings.uploadThreads = max(settings.uploadThreads, 4 * (try photoThreads(arguments)))
    return settings
  }

  private static func serviceSettings(_ arguments: Arguments) throws -> ServiceSettings {
    var settings = ServiceSettings()
    settings.hostNames = try hostNames(arguments)
    settings.version = Galleryctl.version
    settings.needsKeys = try !Setting.isOn(noKeys, arguments)
    settings.origins = try origins(arguments, needsKeys: settings.needsKeys)
    settings.keepThumbnails = try Setting.isOn(keepThumbnails, arguments)
    settings.backupFolder = try Setting.value(backups, arguments)
      .map { URL(typed: $0, directoryHint: .isDirectory) }
    if let folder = settings.backupFolder { try OutputPlace.check(folder, for: "--backups") }
    settings.compactionTime = try Setting.value(compactAt, arguments).map { text throws(UsageError) in
      guard let time = TimeOfDay(text) else {
        throw UsageError("--compact-at takes a time such as 04:00, not \"\(text)\".")
      }
      return time
    }
    if let file = try Setting.value(metricsKey, arguments) {
      do {
        try settings.setMetricsKey(try secret(in: file, "key for metrics"))
      } catch let error as KeyError {
        throw UsageError("--metrics-key-file: \(error.message) `openssl rand -hex 32` makes one.")
      }
    }
    if let megabytes = try Setting.value(photoMemory, arguments) { settings.photoMemory = megabytes << 20 }
    if let megabytes = try Setting.value(upload, arguments) { settings.limits.uploadBytes = megabytes << 20 }
    if let count = try Setting.value(requests, arguments) { settings.limits.requestsInFlight = count }
    if let count = try Setting.value(queue, arguments) { settings.limits.uploadsInFlight = count }
    if let rate = try Setting.value(rate, arguments) { settings.limits.requestsPerSecond = rate }
    if let seconds = try Setting.value(timeout, arguments) { settings.limits.receiveSeconds = seconds }
    if let seconds = try Setting.value(idle, arguments) { settings.limits.idleSeconds = seconds }
    if let seconds = try Setting.value(grace, arguments) { settings.limits.graceSeconds = seconds }
    return settings
  }
}
