import Testing

@Suite("Help and wrong usage")
struct HelpTests {
  @Test(
    "every command has help with examples",
    arguments: [
      "query", "verify", "detect", "add", "rename", "remove", "check", "backup", "restore", "compact", "list",
      "show",
      "info", "doctor", "weights", "export", "import", "tag", "split",
    ])
  func commandHelp(command: String) throws {
    let run = try Galleryctl()(command, "--help")
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("usage: galleryctl \(command)"))
    #expect(run.output.contains("examples:\n  galleryctl \(command)"))
    #expect(run.errors.isEmpty)
  }

  @Test("no line of any help page, examples included, is wider than 80 columns")
  func width() throws {
    let galleryctl = try Galleryctl()
    let script = try galleryctl("completions", "bash").output
    let list = try #require(script.firstMatch(of: /-W '(query [^']*)'/)?.1)
    let commands = list.split(separator: " ").map(String.init)
      .filter { !["help", "completions", "manual"].contains($0) }
    #expect(commands.count > 25)
    for words in [["--help"]] + commands.map({ ["help", $0] }) {
      let run = try galleryctl.run(words)
      #expect(run.status == 0)
      for line in run.output.split(separator: "\n") { #expect(line.count <= 80, "\(words): \(line)") }
    }
  }

  @Test("the program's help names every command and the exit statuses")
  func programHelp() throws {
    let run = try Galleryctl()("--help")
    #expect(run.status == 0)
    for command in ["add", "query", "verify", "detect", "list", "show", "rename", "remove", "info", "doctor"]
    {
      #expect(run.output.contains("\n  \(command) "))
    }
    #expect(run.output.contains("exit status: 0 done"))
  }

  @Test(
    "wrong usage ends with status 2 and one sentence",
    arguments: [
      (["qery", "a.jpg"], "error: galleryctl has no command \"qery\"; did you mean \"query\"?\n"),
      (["query"], "error: query needs PHOTO or --list FILE: see --help.\n"),
      (["query", "--k", "0", "a.jpg"], "error: --k takes a whole number from 1 to 1000, not 0.\n"),
      (["verify", "a.jpg"], "error: verify needs OTHER: see --help.\n"),
      (["list", "--json", "--csv"], "error: --json and --csv contradict each other: give one of them.\n"),
      (
        ["query", "--csv", "--jsonl", "a.jpg"],
        "error: --jsonl and --csv contradict each other: give one of them.\n"
      ),
      (["list", "--csv", "--names"], "error: --names and --csv contradict each other: give one of them.\n"),
      (["info", "--csv"], "error: info has no option --csv.\n"),
      (["query", "-V"], "error: query has no option -V.\n"),
      (["--json"], "error: galleryctl needs a command behind --json: see galleryctl --help.\n"),
      (["manual", "--write"], "error: manual --write needs FOLDER.\n"),
      (["list", "extra"], "error: list does not take \"extra\": see --help.\n"),
      (
        ["detect", "--annotate", "boxes.gif", "a.jpg"],
        "error: --annotate writes .png or .jpg, not \"boxes.gif\".\n"
      ),
    ] as [([String], String)])
  func wrongUsage(words: [String], message: String) throws {
    let run = try Galleryctl().run(words)
    #expect(run.status == 2)
    #expect(run.errors == message)
    #expect(run.output.isEmpty)
  }

  @Test("no command at all shows the help and is wrong usage")
  func nothing() throws {
    let run = try Galleryctl()()
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("usage: galleryctl"))
  }
}
