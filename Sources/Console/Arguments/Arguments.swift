/// The words of one call of a command, read by its description.
public struct Arguments: Sendable {
  /// The positional words, in order.
  public let positionals: [String]
  private let values: [String: [any Sendable]]
  private let flags: Set<String>

  /// Reads `words` by `command`'s description and the options that every command shares.
  ///
  /// Accepts `--name value`, `--name=value`, `-n value`, `-nvalue`, several short options in one word (`-qk 5`), options
  /// between positionals, and `--` before words that begin with a dash. Nothing that is given is left out of account: an option with two values is an
  /// error unless it is repeatable (``all(_:)`` has every value then), and so is an empty word.
  /// - Throws: `UsageError` for an unknown option, a missing, unfit, empty or second value, or an empty word.
  public init(_ words: [String], for command: CommandDescription, shared: [any CommandOption] = [])
    throws(UsageError)
  {
    var positionals: [String] = []
    var values: [String: [any Sendable]] = [:]
    var texts: [String: String] = [:]
    var flags: Set<String> = []
    let options = command.options + shared
    var rest = words[...]

    func take(_ text: String, for option: any CommandOption) throws(UsageError) {
      guard !text.isEmpty else {
        throw UsageError("The value of \(option.name) is empty: write one, or leave \(option.name) out.")
      }
      if let before = texts.updateValue(text, forKey: option.name), !option.isRepeatable {
        guard before == text else {
          throw UsageError("\(option.name) has two values, \"\(before)\" and \"\(text)\": give it once.")
        }
        return
      }
      values[option.name, default: []].append(try option.parse(text))
    }

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
        // `-qk5` is `-q -k 5`: what stands behind a short option is its value, or further short options.
        if let (first, behind) = Self.shortOption(of: word, among: options) {
          if first.placeholder == nil {
            flags.insert(first.name)
            rest.insert("-" + behind, at: rest.startIndex)
          } else {
            try take(behind, for: first)
          }
          continue
        }
        throw Self.unknown(parts[0], of: command.name, among: options)
      }
      if option.placeholder == nil {
        if parts.count > 1 { _ = try option.parse(parts[1]) }
        flags.insert(option.name)
      } else if parts.count > 1 {
        try take(parts[1], for: option)
      } else if let value = rest.popFirst() {
        try take(value, for: option)
      } else {
        throw UsageError("\(option.name) needs a value: \(option.name) \(option.placeholder ?? "").")
      }
    }
    guard !positionals.contains("") else {
      throw UsageError("An argument of \(command.name) is empty.")
    }
    self.positionals = positionals
    self.values = values
    self.flags = flags
  }

  /// The short option that a word such as `-k5` begins with, and what stands behind it; nil when it is no such word.
  private static func shortOption(
    of word: String, among options: [any CommandOption]
  ) -> (option: any CommandOption, behind: String)? {
    guard word.count > 2, !word.hasPrefix("--") else { return nil }
    let name = String(word.prefix(2))
    return options.first { $0.names.contains(name) }.map { ($0, String(word.dropFirst(2))) }
  }

  /// The error for an option that nobody knows.
  static func unknown(
    _ word: String, of name: String, among options: [any CommandOption]
  ) -> UsageError {
    // Any letter is near to any other.
    let near =
      word.count > 2 ? Suggestion.nearest(to: word, among: options.flatMap(\.names)) : nil
    return UsageError("\(name) has no option \(word)\(near.map { "; did you mean \($0)?" } ?? ".")")
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

  /// Whether the option was given, whatever its value.
  public func has(_ option: any CommandOption) -> Bool {
    values[option.name] != nil || flags.contains(option.name)
  }

  /// All values of an option that may be given several times, in order.
  public func all<Value>(_ option: ValueOption<Value>) -> [Value] {
    (values[option.name] ?? []).compactMap { $0 as? Value }
  }
}
