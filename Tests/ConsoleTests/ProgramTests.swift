import Foundation
import Testing

@testable import Console

@Suite("A program of commands")
struct ProgramTests {
  enum Greet: Subcommand {
    static let loud = Flag("--loud", help: "Shout.")
    static let description = CommandDescription(
      name: "greet", summary: "Greets.",
      positionals: [.init("NAME", help: "Whom.", choices: ["Ada", "nobody"])], options: [loud])
    static func run(_ arguments: Arguments) throws -> ExitCode {
      if arguments.positionals == ["nobody"] { throw UsageError("nobody is not a name.") }
      return arguments[loud] ? .success : .no
    }
  }

  let program = Program(
    name: "hello", version: "1", summary: "Greets people.", groups: [.init("commands", [Greet.self])],
    shared: [ValueOption<String>("--gallery", placeholder: "DIR", help: "Where.")])

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
      ["--gallery=", "greet", "Ada"],
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
    #expect(script.contains("Ada nobody"))
  }

  @Test("bash completes a command's first word among its choices, and files after it")
  func completedWords() throws {
    let ask = """
      \(try program.completions(shell: "bash"))
      COMP_WORDS=(hello greet A); COMP_CWORD=2; _hello; echo "${COMPREPLY[@]}"
      COMP_WORDS=(hello greet --l); COMP_CWORD=2; _hello; echo "${COMPREPLY[@]}"
      cd /; COMP_WORDS=(hello greet Ada et); COMP_CWORD=3; _hello; echo "${COMPREPLY[@]}"
      """
    let bash = Process()
    bash.executableURL = URL(filePath: "/bin/bash")
    bash.arguments = ["-c", ask]
    let output = Pipe()
    bash.standardOutput = output
    try bash.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    bash.waitUntilExit()
    #expect(text == "Ada\n--loud\netc\n")
  }

  @Test("completions for an unknown shell are refused")
  func unknownShell() {
    #expect(throws: UsageError.self) { try program.completions(shell: "tcsh") }
  }
}
