extension Program {
  /// A completion script for `shell`: `bash`, `zsh` or `fish`.
  ///
  /// - Throws: `UsageError` for another shell.
  func completions(shell: String) throws(UsageError) -> String {
    let commands = groups.flatMap(\.commands).map { $0.description }
    switch shell {
    case "bash": return bash(commands)
    case "zsh": return "autoload -U +X bashcompinit && bashcompinit\n" + bash(commands)
    case "fish": return fish(commands)
    default:
      throw UsageError("completions are written for bash, zsh or fish: \(name) completions bash.")
    }
  }

  private func bash(_ commands: [CommandDescription]) -> String {
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
              options='\(words)' first='\(firstWords(command).joined(separator: " "))';;
        """
    }
    return """
      # bash completion for \(name)
      _\(name)() {
        local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" options='' first=''
        if [[ $COMP_CWORD -eq 1 ]]; then
          COMPREPLY=($(compgen -W '\(commands.map(\.name).joined(separator: " ")) help completions' -- "$word"))
          return
        fi
        case "${COMP_WORDS[1]}" in
      \(cases.joined(separator: "\n"))
        esac
        if [[ "$word" == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
        elif [[ $COMP_CWORD -eq 2 && -n "$first" ]]; then
          COMPREPLY=($(compgen -W "$first" -- "$word"))
        else
          COMPREPLY=($(compgen -f -- "$word"))
        fi
      }
      complete -o filenames -F _\(name) \(name)

      """
  }

  private func fish(_ commands: [CommandDescription]) -> String {
    var lines = ["# fish completion for \(name)"]
    for command in commands {
      lines.append(
        "complete -c \(name) -n __fish_use_subcommand -f -a \(command.name) -d \(quoted(command.summary))")
      let first = firstWords(command).joined(separator: " ")
      if !first.isEmpty {
        lines.append(
          "complete -c \(name) -n '__fish_seen_subcommand_from \(command.name); and not __fish_seen_subcommand_from "
            + "\(first)' -f -a \(quoted(first))")
      }
      for option in command.options + shared {
        var line = "complete -c \(name) -n '__fish_seen_subcommand_from \(command.name)'"
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

  private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'") + "'"
  }
}
