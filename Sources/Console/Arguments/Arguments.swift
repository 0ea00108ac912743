/// The words of one call of a command, read by its description.
public struct Arguments: Sendable {
  /// The positional words, in order.
  public let positionals: [String]
  private let values: [String: [any Sendable]]
  private let flags: Set<String>

  /// Reads `words` by `command`'s description and the options that every command shares.
  ///
  /// Accepts `--name value`, `--name=value`, `-n value`, options between positionals, and `--` before
  /// words that begin with a dash. An option given twice keeps its last value; ``all(_:)`` has
  /// every one.
  /// - Throws: `UsageError` for an unknown option, a missing or unfit value, or too few or too many words.
  public init(_ words: [String], for command: CommandDescription, shared: [any CommandOption] = [])
    throws(UsageError)
  {
    var positionals: [String] = []
    var values: [String: [any Sendable]] = [:]
    var flags: Set<String> = []
    let options = command.options + shared
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positionals += rest
        break
      }
      guard word.hasPrefix("-"), word != "-", Double(word) == nil else {
        positionals.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = options.first(where: { $0.names.contains(parts[0]) }) else {
        let near = Suggestion.nearest(to: parts[0], among: options.flatMap(\.names))
        throw UsageError(
          "\(command.name) has no option \(parts[0])\(near.map { "; did you mean \($0)?" } ?? ".")")
      }
      if option.placeholder == nil {
        if parts.count > 1 { _ = try option.parse(parts[1]) }
        flags.insert(option.name)
      } else if parts.count > 1 {
        values[option.name, default: []].append(try option.parse(parts[1]))
      } else if let value = rest.popFirst() {
        values[option.name, default: []].append(try option.parse(value))
      } else {
        throw UsageError("\(option.name) needs a value: \(option.name) \(option.placeholder ?? "").")
      }
    }
    self.positionals = positionals
    self.values = values
    self.flags = flags
  }

  /// Checks that as many words were given as `command` takes.
  ///
  /// Apart from reading, so that `--help` works without the words.
  /// - Throws: `UsageError` naming the first missing or the first superfluous word.
  public func checkCount(for command: CommandDescription) throws(UsageError) {
    let least = command.positionals.reduce(0) { $0 + $1.count.lowerBound }
    let most = command.positionals.reduce(0) { $0.addingReportingOverflow($1.count.upperBound).partialValue }
    if positionals.count < least {
      var before = 0
      let missing = command.positionals.first { positional in
        before += positional.count.lowerBound
        return before > positionals.count
      }
      throw UsageError("\(command.name) needs \(missing?.placeholder ?? "more words"): see --help.")
    }
    let unlimited = command.positionals.contains { $0.count.upperBound == .max }
    if !unlimited, positionals.count > most {
      throw UsageError("\(command.name) does not take \"\(positionals[most])\": see --help.")
    }
  }

  /// Whether the flag was given.
  public subscript(_ flag: Flag) -> Bool { flags.contains(flag.name) }

  /// The option's value, or `nil` when it was not given.
  public subscript<Value>(_ option: ValueOption<Value>) -> Value? { values[option.name]?.last as? Value }

  /// All values of an option that may be given several times, in order.
  public func all<Value>(_ option: ValueOption<Value>) -> [Value] {
    (values[option.name] ?? []).compactMap { $0 as? Value }
  }
}
