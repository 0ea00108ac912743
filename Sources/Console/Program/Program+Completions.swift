extension Program {
  /// A completion script for `shell`: `bash`, `zsh` or `fish`.
  ///
  /// Completes commands, also behind options of every command, their options, the values that options and words may have,
  /// and what the program itself lists, such as names of people.
  /// - Throws: `UsageError` for another shell.
  func completions(shell: String) throws(UsageError) -> String {
    let commands = groups.flatMap(\.commands).map { $0.description }
    switch shell {
    case "bash": return bash(commands)
    case "zsh": return zsh(commands)
    case "fish": return fish(commands)
    default:
      throw UsageError("completions are written for bash, zsh or fish: \(name) completions bash.")
    }
  }

  /// Words that stand in a command's place and are none.
  private static let otherWords = [
    ("help", "Explains a command."), ("completions", "Writes shell completions."),
    ("manual", "Writes a manual page."),
  ]

  /// Spellings of the options of every command that take a value, for a shell's `case`.
  private var sharedValueNames: String {
    shared.filter { $0.placeholder != nil }.flatMap(\.names).joined(separator: "|")
  }

  private func bash(_ commands: [CommandDescription]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    let cases = commands.map { command in
      let options = command.options + shared
      let words = options.flatMap(\.names).filter { $0.hasPrefix("--") }.joined(separator: " ")
      let values = options.filter { !$0.choices.isEmpty }.map { option in
        "        \(option.names.joined(separator: "|"))) "
          + "COMPREPLY=($(compgen -W '\(option.choices.joined(separator: " "))' -- \"$word\")); return;;"
      }
      return """
            \(command.name))
              case "$previous" in
        \(values.joined(separator: "\n"))
                *) ;;
              esac
              options='\(words)' first='\(firstWords(command).joined(separator: " "))' lister='\(lister(command))';;
        """
    }
    return """
      # bash completion for \(name)
      _\(name)() {
        local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
        local command='' options='' first='' lister='' place=1 line
        local -a shared=()
        COMPREPLY=()
        while [[ $place -lt $COMP_CWORD ]]; do
          case "${COMP_WORDS[place]}" in
            \(sharedValueNames)) shared+=("${COMP_WORDS[place]}" "${COMP_WORDS[place+1]}"); place=$((place + 2));;
            -*) place=$((place + 1));;
            *) command="${COMP_WORDS[place]}"; break;;
          esac
        done
        if [[ -z $command ]]; then
          case "$previous" in
            \(sharedValueNames)) COMPREPLY=($(compgen -f -- "$word"));;
            *) COMPREPLY=($(compgen -W '\(names) \(Self.otherWords.map(\.0).joined(separator: " "))' -- "$word"));;
          esac
          return
        fi
        case "$command" in
          help|manual) COMPREPLY=($(compgen -W '\(names)' -- "$word")); return;;
          completions) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")); return;;
      \(cases.joined(separator: "\n"))
        esac
        if [[ "$word" == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
        elif [[ -n $lister && "$previous" != -* ]]; then
          # Line by line: a name may hold anything, and is never evaluated.
          while IFS= read -r line; do
            [[ "$line" == "${word//\\\\/}"* ]] && COMPREPLY+=("$line")
          done < <("${COMP_WORDS[0]}" "${shared[@]}" $lister 2>/dev/null)
        elif [[ $COMP_CWORD -eq $((place + 1)) && -n $first ]]; then
          COMPREPLY=($(compgen -W "$first" -- "$word"))
        else
          COMPREPLY=($(compgen -f -- "$word"))
        fi
      }
      complete -o filenames -F _\(name) \(name)

      """
  }

  private func zsh(_ commands: [CommandDescription]) -> String {
    let described = (commands.map { ($0.name, $0.summary) } + Self.otherWords).map { word, summary in
      "      " + quoted(word + ":" + summary.replacing(":", with: "\\:"))
    }
    let cases = commands.map { command in
      let options = command.options + shared
      let values = options.filter { !$0.choices.isEmpty }.map { option in
        "        (\(option.names.joined(separator: "|"))) compadd -- \(option.choices.joined(separator: " ")); return;;"
      }
      let words = options.flatMap(\.names).filter { $0.hasPrefix("--") }.joined(separator: " ")
      let first = firstWords(command)
      var lines = ["    (\(command.name))", "      case ${words[CURRENT-1]} in"] + values + ["      esac"]
      lines.append("      if [[ ${words[CURRENT]} == -* ]]; then compadd -- \(words); return; fi")
      if !first.isEmpty {
        lines.append(
          "      if (( CURRENT == place + 1 )); then compadd -- \(first.joined(separator: " ")); return; fi")
      }
      if !lister(command).isEmpty {
        lines.append(
          "      compadd -- \"${(@f)$(\(name) $shared \(lister(command)) 2>/dev/null)}\"; return;;")
      } else {
        lines.append("      _files;;")
      }
      return lines.joined(separator: "\n")
    }
    return """
      #compdef \(name)
      # zsh completion for \(name)
      _\(name)() {
        local command='' place=2
        local -a shared commands
        while (( place < CURRENT )); do
          case ${words[place]} in
            (\(sharedValueNames)) shared+=(${words[place]} ${(Q)words[place+1]}); (( place += 2 ));;
            (-*) (( place += 1 ));;
            (*) command=${words[place]}; break;;
          esac
        done
        if [[ -z $command ]]; then
          case ${words[CURRENT-1]} in
            (\(sharedValueNames)) _files; return;;
          esac
          commands=(
      \(described.joined(separator: "\n"))
          )
          _describe command commands
          return
        fi
        case $command in
          (help|manual) compadd -- \(commands.map(\.name).joined(separator: " "));;
          (completions) compadd -- bash zsh fish;;
      \(cases.joined(separator: "\n"))
        esac
      }
      _\(name) "$@"

      """
  }

  private func fish(_ commands: [CommandDescription]) -> String {
    var lines = ["# fish completion for \(name)"]
    for (word, summary) in commands.map({ ($0.name, $0.summary) }) + Self.otherWords {
      lines.append("complete -c \(name) -n __fish_use_subcommand -f -a \(word) -d \(quoted(summary))")
    }
    lines.append(
      "complete -c \(name) -n '__fish_seen_subcommand_from help manual' -f -a "
        + quoted(commands.map(\.name).joined(separator: " ")))
    lines.append("complete -c \(name) -n '__fish_seen_subcommand_from completions' -f -a 'bash zsh fish'")
    for command in commands {
      let isHere = "__fish_seen_subcommand_from \(command.name)"
      let first = firstWords(command).joined(separator: " ")
      if !first.isEmpty {
        lines.append(
          "complete -c \(name) -n '\(isHere); and not __fish_seen_subcommand_from \(first)' -f -a \(quoted(first))"
        )
      }
      if !lister(command).isEmpty {
        lines.append("complete -c \(name) -n '\(isHere)' -f -a '(\(name) \(lister(command)) 2>/dev/null)'")
      }
      for option in command.options + shared {
        var line = "complete -c \(name) -n '\(isHere)'"
        for name in option.names {
          line += name.hasPrefix("--") ? " -l \(name.dropFirst(2))" : " -s \(name.dropFirst())"
        }
        if option.placeholder != nil { line += " -r" }
        if !option.choices.isEmpty { line += " -f -a \(quoted(option.choices.joined(separator: " ")))" }
        lines.append(line + " -d \(quoted(option.help))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a command's first word may be, where that is one of few.
  private func firstWords(_ command: CommandDescription) -> [String] {
    command.positionals.first?.choices ?? []
  }

  /// The command that lists what a command's words may be; empty where none does.
  private func lister(_ command: CommandDescription) -> String {
    command.positionals.lazy.compactMap(\.lister).first?.joined(separator: " ") ?? ""
  }

  private func quoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
