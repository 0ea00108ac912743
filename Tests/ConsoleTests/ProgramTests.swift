import Testing

@testable import Console

@Suite("A program of commands")
struct ProgramTests {
  enum Greet: Subcommand {
    static let loud = Flag("--loud", help: "Shout.")
    static let description = CommandDescription(
      name: "greet", summary: "Greets.", positionals: [.init("NAME", help: "Whom.")], options: [loud])
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

  @Test("wrong usage is exit status 2", arguments: [["gret", "Ada"], ["greet"], ["greet", "nobody"], []])
  func usage(words: [String]) {
    #expect(program.run(words) == .usage)
  }

  @Test("completions name every command and option", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let script = try program.completions(shell: shell)
    #expect(script.contains("greet"))
    #expect(script.contains("loud"))
    #expect(script.contains("gallery"))
  }

  @Test("completions for an unknown shell are refused")
  func unknownShell() {
    #expect(throws: UsageError.self) { try program.completions(shell: "tcsh") }
  }
}
