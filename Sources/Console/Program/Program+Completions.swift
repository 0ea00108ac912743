extension Program {
  /// A completion script for `shell`: `bash`, `zsh` or `fish`.
  ///
  /// Completes commands, also behind options of every command, their options, the values that options and words may have, as
  /// words of their own and behind "=", and what the program itself lists, such as names of people.
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
  private var sharedValueNames: String { Self.valueNames(shared).joined(separator: "|") }

  /// The same with their values in one word, `--gallery=DIR` and `-gDIR`, for a shell's `case`.
  private var sharedAttachedNames: String {
    Self.valueNames(shared).map { $0.hasPrefix("--") ? $0 + "=*" : $0 + "?*" }.joined(separator: "|")
  }

  private static func valueNames(_ options: [any CommandOption]) -> [String] {
    options.filter { $0.placeholder != nil }.flatMap(\.names)
  }

  private static func longNames(_ options: [any CommandOption]) -> String {
    options.flatMap(\.names).filter { $0.hasPrefix("--") }.joined(separator: " ")
  }

  /// The options whose values are a few words, each as patterns of "COMMAND OPTION" for a shell's `case`.
  private func choices(_ commands: [CommandDescription]) -> [(patterns: String, words: String)] {
    let all =
      shared.map { (command: "*' ", option: $0) }
      + commands.flatMap { command in command.options.map { (command: "'\(command.name) ", option: $0) } }
    return all.filter { !$0.option.choices.isEmpty }.map { command, option in
      (
        option.names.map { "\(command)\($0)'" }.joined(separator: "|"),
        option.choices.joined(separator: " ")
      )
    }
  }

  private func bash(_ commands: [CommandDescription]) -> String {
    let names = commands.map(\.name).joined(separator: " ")
    let cases = commands.map { command in
      let options = command.options + shared
      return """
            \(command.name))
              options='\(Self.longNames(options))' valued='\(Self.valueNames(options).joined(separator: " "))'
              first='\(firstWords(command).joined(separator: " "))' lister='\(lister(command))';;
        """
    }
    let values = choices(commands).map { patterns, words in
      "      \(patterns)) COMPREPLY=($(compgen -P \"$prefix\" -W '\(words)' -- \"$word\"));;"
    }
    return """
      # bash completion for \(name)
      _\(name)() {
        local word previous part glue='' prefix='' option='' line i last place=1 count=0
        local command='' options='' valued='\(Self.valueNames(shared).joined(separator: " "))' first='' lister=''
        local -a words=() shared=()
        COMPREPLY=()
        # To bash, "=" and what follows it are words of their own.
        for ((i = 0; i <= COMP_CWORD; i++)); do
          part="${COMP_WORDS[i]}"
          if [[ $i -gt 1 && ( -n $glue || "$part" == '=' ) && "${words[${#words[@]} - 1]}" == --* ]]; then
            words[${#words[@]} - 1]+="$part"
            if [[ "$part" == '=' ]]; then glue=1; else glue=''; fi
          else
            words+=("$part")
            glue=''
          fi
        done
        last=$((${#words[@]} - 1))
        word="${words[last]}"
        previous="${words[last - 1]}"
        while [[ $place -lt $last ]]; do
          case "${words[place]}" in
            \(sharedValueNames)) shared+=("${words[place]}" "${words[place + 1]}"); place=$((place + 2));;
            \(sharedAttachedNames)) shared+=("${words[place]}"); place=$((place + 1));;
            -*) place=$((place + 1));;
            *) command="${words[place]}"; break;;
          esac
        done
        case "$command" in
          help|manual) COMPREPLY=($(compgen -W '\(names)' -- "$word")); return;;
          completions) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")); return;;
      \(cases.joined(separator: "\n"))
        esac
        if [[ "$word" == --*=* ]]; then
          option="${word%%=*}"
          word="${word#*=}"
          [[ "$COMP_WORDBREAKS" == *=* ]] || prefix="$option="
        elif [[ " $valued " == *" $previous "* ]]; then
          option="$previous"
        fi
        if [[ -n $option ]]; then
          case "$command $option" in
      \(values.joined(separator: "\n"))
            *) COMPREPLY=($(compgen -P "$prefix" -f -- "$word"));;
          esac
          return
        fi
        if [[ -z $command ]]; then
          case "$word" in
            -*) COMPREPLY=($(compgen -W '\(Self.longNames(shared)) --version' -- "$word"));;
            *) COMPREPLY=($(compgen -W '\(names) \(Self.otherWords.map(\.0).joined(separator: " "))' -- "$word"));;
          esac
          return
        fi
        for ((i = place + 1; i < last; i++)); do
          case "${words[i]}" in
            \(sharedValueNames)) shared+=("${words[i]}" "${words[i + 1]}"); i=$((i + 1));;
            \(sharedAttachedNames)) shared+=("${words[i]}");;
            -*) if [[ " $valued " == *" ${words[i]} "* ]]; then i=$((i + 1)); fi;;
            *) count=$((count + 1));;
          esac
        done
        if [[ "$word" == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
        elif [[ -n $lister ]]; then
          # Line by line: a name may hold anything, and is never evaluated.
          while IFS= read -r line; do
            [[ "$line" == "${word//\\\\/}"* ]] && COMPREPLY+=("$line")
          done < <("${COMP_WORDS[0]}" "${shared[@]}" $lister 2>/dev/null)
        elif [[ $count -eq 0 && -n $first ]]; then
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
      return """
            (\(command.name))
              options=(\(Self.longNames(options)))
              valued=(\(Self.valueNames(options).joined(separator: " ")))
              first=(\(firstWords(command).joined(separator: " "))) lister=(\(lister(command)));;
        """
    }
    let values = choices(commands).map { patterns, words in
      "      (\(patterns)) compadd -- \(words);;"
    }
    return """
      #compdef \(name)
      # zsh completion for \(name)
      _\(name)() {
        local command='' option='' place=2 count=0 i
        local -a shared commands options first lister
        local -a valued=(\(Self.valueNames(shared).joined(separator: " ")))
        while (( place < CURRENT )); do
          case ${words[place]} in
            (\(sharedValueNames)) shared+=(${words[place]} ${(Q)words[place+1]}); (( place += 2 ));;
            (\(sharedAttachedNames)) shared+=(${(Q)words[place]}); (( place += 1 ));;
            (-*) (( place += 1 ));;
            (*) command=${words[place]}; break;;
          esac
        done
        case $command in
          (help|manual) compadd -- \(commands.map(\.name).joined(separator: " ")); return;;
          (completions) compadd -- bash zsh fish; return;;
      \(cases.joined(separator: "\n"))
        esac
        if [[ ${words[CURRENT]} == --*=* ]]; then
          option=${words[CURRENT]%%=*}
          compset -P "$option="
        elif (( ${valued[(Ie)${words[CURRENT-1]}]} )); then
          option=${words[CURRENT-1]}
        fi
        if [[ -n $option ]]; then
          case "$command $option" in
      \(values.joined(separator: "\n"))
            (*) _files;;
          esac
          return
        fi
        if [[ -z $command ]]; then
          if [[ ${words[CURRENT]} == -* ]]; then compadd -- \(Self.longNames(shared)) --version; return; fi
          commands=(
      \(described.joined(separator: "\n"))
          )
          _describe command commands
          return
        fi
        for (( i = place + 1; i < CURRENT; i++ )); do
          case ${words[i]} in
            (\(sharedValueNames)) shared+=(${words[i]} ${(Q)words[i+1]}); (( i += 1 ));;
            (\(sharedAttachedNames)) shared+=(${(Q)words[i]});;
            (-*) if (( ${valued[(Ie)${words[i]}]} )); then (( i += 1 )); fi;;
            (*) (( count += 1 ));;
          esac
        done
        if [[ ${words[CURRENT]} == -* ]]; then
          compadd -- $options
        elif (( ${#lister} )); then
          compadd -- "${(@f)$(\(name) $shared $lister 2>/dev/null)}"
        elif (( count == 0 && ${#first} )); then
          compadd -- $first
        else
          _files
        fi
      }
      _\(name) "$@"

      """
  }

  private func fish(_ commands: [CommandDescription]) -> String {
    var lines = ["# fish completion for \(name)", sharedWordsOfFish]
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
        lines.append(
          "complete -c \(name) -n '\(isHere)' -f -a '(\(name) (__\(name)_shared) \(lister(command)) 2>/dev/null)'"
        )
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

  /// A function that prints the options of every command that have been typed, with their values, a word a line.
  private var sharedWordsOfFish: String {
    let values = Self.valueNames(shared).joined(separator: " ")
    let attached = Self.valueNames(shared).map { $0.hasPrefix("--") ? "'\($0)=*'" : "'\($0)*'" }
    return """
      function __\(name)_shared
          set -l words (commandline -opc)
          set -l place 2
          while test $place -le (count $words)
              set -l word $words[$place]
              switch $word
                  case \(values)
                      set place (math $place + 1)
                      printf '%s\\n' $word $words[$place]
                  case \(attached.joined(separator: " "))
                      printf '%s\\n' $word
              end
              set place (math $place + 1)
          end
      end
      """
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
