import Console
import FaceGallery
import Foundation
import GalleryServer
import Support

/// `galleryctl keys`: who may use a gallery over HTTP.
enum KeysCommand: Subcommand {
  static let role = ValueOption<Role>(
    "--role", placeholder: "ROLE",
    help: "read asks, write also enrols and deletes, admin also looks after the gallery (default read).")
  static let label = ValueOption<String>("--label", placeholder: "TEXT", help: "What the key is for.")
  static let secret = ValueOption<String>(
    "--key", placeholder: "KEY",
    help:
      "Take this key, which clients have already, instead of making one; others see it in the list of processes."
  )
  static let secretFile = ValueOption<String>(
    "--key-file", placeholder: "FILE",
    help:
      "Take the key in this file (- is standard input), which clients have already, instead of making one.")

  private static let options: [any CommandOption] = [role, label, secret, secretFile]

  static let description = CommandDescription(
    name: "keys",
    summary: "Makes, lists and revokes the keys with which the gallery is used over HTTP.",
    discussion: """
      ACTION is one of:
        add          makes a key and writes it to standard output, once: only its salted hash is stored
        list         the names, roles and labels of the keys
        revoke ID    ends a key by its name; running servers refuse it at once

      A key that clients have already comes from --key-file, or from the variable GALLERYCTL_KEY. It has 16 to 256
      printable characters, and is refused when it is easy to guess.
      """,
    positionals: [
      .init("ACTION", help: "add, list or revoke.", choices: ["add", "list", "revoke"]),
      .init("ID", help: "The key's name, for revoke.", count: 0...1),
    ],
    options: options + [Report.csv],
    examples: [
      .init("galleryctl keys add --role write --label camera", "makes a key that may enrol"),
      .init("galleryctl keys add --key-file - < key.txt", "takes over a key that clients have"),
      .init("galleryctl keys list", "shows which keys there are"),
      .init("galleryctl keys revoke 3f0c91ab", "ends a key"),
    ])

  /// A key as `--json` shows it.
  private struct Shown: Encodable {
    let id: String
    let role: Role
    let label: String
    let created: String
    var key: String?
    /// As tables show it.
    let shownTime: String

    private enum CodingKeys: CodingKey {
      case id, role, label, created, key
    }

    init(_ record: KeyRecord, key: String? = nil) {
      (id, role, label) = (record.id, record.role, record.label)
      created = record.created.formatted(.iso8601)
      shownTime = Timestamp.text(record.created)
      self.key = key
    }
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let action = arguments.positionals[0]
    let id = arguments.positionals.dropFirst().first
    if action != "add",
      let surplus = options.first(where: arguments.has)
    {
      throw UsageError("\(surplus.name) goes with keys add only.")
    }
    let file = KeyFile(
      gallery: try arguments.galleryFolder(for: "keys are of a server, which serves galleries in folders"))
    switch (action, id) {
    case ("add", nil): try add(file, arguments)
    case ("list", nil): try list(file, arguments)
    case ("revoke", let id?):
      var warnings: [String] = []
      let record = try file.revoke(
        id, warn: { warnings.append($0) }, noting: { try note(.keyRevoked, $0, arguments) })
      for warning in warnings { Terminal.warn(warning) }
      if arguments[SharedOptions.json] {
        Terminal.print(try JSONOutput.text(Shown(record), warnings: warnings))
      } else {
        Terminal.note("key \(record.id) may do nothing any more\n")
      }
    case ("revoke", nil): throw UsageError("keys revoke needs ID: `galleryctl keys list` shows them.")
    case ("add", let word?), ("list", let word?):
      throw UsageError("keys \(action) does not take \"\(word)\": see --help.")
    default:
      let near = Suggestion.nearest(to: action, among: ["add", "list", "revoke"])
      throw UsageError(
        "keys takes add, list or revoke, not \"\(action)\""
          + (near.map { "; did you mean \"\($0)\"?" } ?? "."))
    }
    return .success
  }

  /// Notes in the gallery's audit log, if it keeps one, what is done to a key.
  private static func note(_ event: AuditEntry.Event, _ key: KeyRecord, _ arguments: Arguments) throws {
    guard Gallery.exists(at: try arguments.galleryURL) else { return }
    let gallery = try Gallery.open(at: arguments.galleryURL, options: GalleryOptions(access: .existing))
    try gallery.noteInAudit(event, key: key.id)
    _ = gallery.finish()
  }

  private static func add(_ file: KeyFile, _ arguments: Arguments) throws {
    // Keys belong to a gallery: without one it is made.
    _ = try Gallery.open(at: arguments.galleryURL).finish()
    var warnings: [String] = []
    let text = arguments[label] ?? ""
    guard !PathText.hasEscape(text) else {
      throw UsageError("--label has bytes that are not UTF-8.")
    }
    let (record, key) = try file.add(
      role: arguments[role] ?? .read, label: text, secret: try givenKey(arguments),
      warn: { warnings.append($0) }, noting: { try note(.keyAdded, $0, arguments) })
    for warning in warnings { Terminal.warn(warning) }
    let isJSON = arguments[SharedOptions.json]
    // A key that nobody has seen is of no use to anybody, and nobody would know that it is there.
    let shown = isJSON ? try JSONOutput.text(Shown(record, key: key), warnings: warnings) : key + "\n"
    guard Terminal.print(shown) else {
      try file.revoke(record.id, noting: { try note(.keyRevoked, $0, arguments) })
      throw InputError("No key was made, since it could not be shown.")
    }
    if !isJSON { Terminal.note("key \(record.id) may \(record.role.rawValue); it is not shown again\n") }
  }

  /// The key that clients have already; nil when one is to be made.
  private static func givenKey(_ arguments: Arguments) throws -> String? {
    if let path = arguments[secretFile] {
      guard arguments[secret] == nil else { throw UsageError("Give --key or --key-file, not both.") }
      let data =
        try? path == "-" ? InputFile.readStandardInput(limit: 4_096) : InputFile.readToEnd(path, limit: 4_096)
      guard let data, let text = String(data: data, encoding: .utf8) else {
        throw InputError("The key cannot be read from \(path == "-" ? "standard input" : path).")
      }
      return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    if arguments[secret] != nil {
      Terminal.note(
        "warning: whoever is on this machine can see a key given by --key in the list of processes; use --key-file\n"
      )
    }
    return try Setting.value(secret, arguments)
  }

  private static func list(_ file: KeyFile, _ arguments: Arguments) throws {
    let keys = try file.read().map { Shown($0) }
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(keys))
      return
    }
    var table = Table(.left("id"), .left("role"), .left("made"), .left("label"))
    for key in keys { table.append([key.id, key.role.rawValue, key.shownTime, key.label]) }
    Terminal.print(Report(table) + (keys.isEmpty ? "there is no key\n" : ""))
  }
}
