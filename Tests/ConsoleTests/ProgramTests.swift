import Foundation
import TestSupport
import Testing

@testable import Console

@Suite("A program of commands")
struct ProgramTests {
  enum Manner: String, CaseIterable, ArgumentValue { case kind, kurt }

  enum Greet: Subcommand {
    static let loud = Flag("--loud", help: "Shout.")
    static let manner = ValueOption<Manner>("--manner", "-m", placeholder: "MANNER", help: "How.")
    static let description = CommandDescription(
      name: "greet", summary: "Greets.",
      positionals: [.init("NAME", help: "Whom.", choices: ["Ada", "nobody"])], options: [loud, manner])
    static func run(_ arguments: Arguments) throws -> ExitCode {
      if arguments.positionals == ["nobody"] { throw UsageError("nobody is not a name.") }
      return arguments[loud] ? .success : .no
    }
  }

  enum Meet: Subcommand {
    static let description = CommandDescription(
      name: "meet", summary: "Meets \"somebody\".",
      discussion: """
        .Begins with a stop; a \\ and it's:
          once    only once
        """,
      positionals: [.init("NAME", help: "Whom.", lister: ["list", "--names"])],
      examples: [.init("hello meet Ada", "meets Ada")])
    static func run(_ arguments: Arguments) throws -> ExitCode { .success }
  }

  let program = Program(
    name: "hello", version: "1", summary: "Greets people.",
    groups: [.init("commands", [Greet.self, Meet.self])],
    shared: [ValueOption<String>("--gallery", "-g", placeholder: "DIR", help: "Where.")])

  @Test("the command's answer is the exit status; shared options may stand first")
  func runs() {
    #expect(program.run(["greet", "Ada", "--loud"]) == .success)
    #expect(program.run(["--gallery", "d", "greet", "Ada"]) == .no)
  }

  @Test(
    "wrong usage is exit status 2",
    arguments: [
      ["gret", "Ada"], ["greet"], ["greet", "nobody"], [], ["greet", "Ada", "Byron"], ["greet", ""],
      ["help", "greet", "x"], ["completions", "bash", "zsh"], ["--version", "x"], ["--help", "greet"],
      ["--gallery", "a", "greet", "Ada", "--gallery", "b"], ["--gallery", "", "greet", "Ada"],
      ["--gallery=", "greet", "Ada"], ["--gallery"], ["--galery", "x", "greet", "Ada"], ["-V", "x"],
      ["manual", "gret"], ["manual", "--write"], ["--gallery", "d"],
    ])
  func usage(words: [String]) {
    #expect(program.run(words) == .usage)
  }

  @Test("completions name every command and option", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let script = try program.completions(shell: shell)
    #expect(script.contains("greet"))
    #expect(script.contains("loud"))
    #expect(script.contains("gallery"))
    #expect(script.contains("Ada nobody") && script.contains("list --names"))
  }

  @Test("bash completes a command's first word among its choices, and files after it")
  func completedWords() throws {
    let ask = """
      \(try program.completions(shell: "bash"))
      COMP_WORDS=(hello greet A); COMP_CWORD=2; _hello; echo "${COMPREPLY[@]}"
      COMP_WORDS=(hello greet --l); COMP_CWORD=2; _hello; echo "${COMPREPLY[@]}"
      cd /; COMP_WORDS=(hello greet Ada et); COMP_CWORD=3; _hello; echo "${COMPREPLY[@]}"
      """
    let text = try output(of: "/bin/bash", ["-c", ask])
    #expect(text == "Ada\n--loud\netc\n")
  }

  @Test(
    "bash completes options before the command, values behind \"=\" and after a word, and commands behind both",
    arguments: [
      ("hello --ga", "--gallery"), ("hello --gallery = d gr", "greet"), ("hello --gallery=d gr", "greet"),
      ("hello -gd gr", "greet"), ("hello greet --manner =", "kind kurt"),
      ("hello greet --manner = ku", "kurt"),
      ("hello greet --manner ku", "kurt"), ("hello greet -m ki", "kind"),
      ("hello greet --manner kind A", "Ada"),
      ("hello greet --loud A", "Ada"), ("hello greet --manner = kind A", "Ada"),
    ])
  func completedOptions(line: String, completions: String) throws {
    let ask = """
      \(try program.completions(shell: "bash"))
      COMP_WORDS=(\(line)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hello; echo "${COMPREPLY[@]}"
      """
    #expect(try output(of: "/bin/bash", ["-c", ask]) == completions + "\n")
  }

  @Test("where \"=\" breaks no words, the whole word is completed")
  func completedWholeWord() throws {
    let ask = """
      \(try program.completions(shell: "bash"))
      COMP_WORDBREAKS=' '; COMP_WORDS=(hello greet --manner=ku); COMP_CWORD=2; _hello; echo "${COMPREPLY[@]}"
      """
    #expect(try output(of: "/bin/bash", ["-c", ask]) == "--manner=kurt\n")
  }

  @Test(
    "shells complete behind options of every command, wherever they stand, and names that mean something to a shell",
    arguments: ["bash", "zsh"],
    [
      ("--gallery d meet A", "--gallery d"), ("meet --gallery d A", "--gallery d"), ("meet -g d A", "-g d"),
      ("--gallery=d meet A", "--gallery=d"), ("meet --gallery=d A", "--gallery=d"), ("meet -gd A", "-gd"),
      ("-g d meet --help A", "-g d"),
    ])
  func completedNames(shell: String, call: (line: String, shared: String)) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let hello = folder.appending(path: "hello")
    // Says what it was called with, and lists two names.
    try Data("#!/bin/sh\necho \"$@\" >'\(folder.path)/called'; printf 'Ada L $(touch hit)\\nBo\\n'\n".utf8)
      .write(to: hello)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hello.path)
    guard
      let path = ["/bin/", "/usr/bin/"].map({ $0 + shell }).first(where: FileManager.default.isExecutableFile)
    else {
      return
    }
    let script = try program.completions(shell: shell)
    let ask =
      shell == "bash"
      ? """
      \(script)
      cd '\(folder.path)'
      COMP_WORDS=(hello --gallery d gr); COMP_CWORD=3; _hello; echo "${COMPREPLY[@]}"
      COMP_WORDS=('\(hello.path)' \(call.line.replacing("=", with: " = "))); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
      _hello; echo "${COMPREPLY[@]}"
      """
      : """
      PATH='\(folder.path)':$PATH; cd '\(folder.path)'
      compadd() { shift; print -r -- "$@" }
      _describe() { print -r -- ${(P)2} }
      _files() { print files }
      compset() { true }
      eval '\(script.replacing("'", with: "'\\''").replacing("_hello \"$@\"", with: ""))'
      words=(hello --gallery d gr); CURRENT=4; _hello
      words=(hello \(call.line)); CURRENT=${#words}; _hello
      words=(hello greet --manner=); CURRENT=3; _hello
      """
    let text = try output(of: path, ["-c", ask])
    #expect(text.contains(shell == "bash" ? "greet\n" : "greet:Greets."))
    #expect(
      text.contains("Ada L $(touch hit)") && !FileManager.default.fileExists(atPath: folder.path + "/hit"))
    let called = try String(contentsOf: folder.appending(path: "called"), encoding: .utf8)
    #expect(called == call.shared + " list --names\n")
    #expect(shell == "bash" || text.contains("kind kurt"))
  }

  @Test("pages of the manual are what groff takes without a warning")
  func manual() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(program.run(["manual", "--write", folder.path]) == .success)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["hello-greet.1", "hello-meet.1", "hello.1"])
    for name in names where FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") {
      let file = folder.appending(path: name).path
      #expect(try output(of: "/bin/sh", ["-c", "groff -man -Tutf8 -ww '\(file)' 2>&1 >/dev/null"]) == "")
      #expect(try output(of: "/bin/sh", ["-c", "groff -man -Tascii -P-cbou '\(file)'"]).contains("hello"))
    }
  }

  private func output(of path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  @Test("completions for an unknown shell are refused")
  func unknownShell() {
    #expect(throws: UsageError.self) { try program.completions(shell: "tcsh") }
  }
}
