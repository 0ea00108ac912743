import Testing

@testable import Console

@Suite("Reading a command line")
struct ArgumentsTests {
  static let count = ValueOption<Int>(
    "--k", "-k", placeholder: "N", help: "How many.", where: ("from 1 to 10", { (1...10).contains($0) }))
  static let exact = Flag("--exact", help: "Scan.")
  static let tag = ValueOption<String>("--tag", placeholder: "KEY", help: "Marked.", isRepeatable: true)
  static let command = CommandDescription(
    name: "query", summary: "Asks.",
    positionals: [.init("PHOTO", help: "Photos.", count: 1...(.max))], options: [count, exact, tag])

  @Test(
    "options are read in every spelling, before and after the words",
    arguments: [
      ["--k", "3", "a.jpg"], ["--k=3", "a.jpg"], ["a.jpg", "-k", "3"], ["-k", "3", "a.jpg", "--k", "3"],
    ])
  func spellings(words: [String]) throws {
    let arguments = try Arguments(words, for: Self.command)
    #expect(arguments[Self.count] == 3)
    #expect(arguments.positionals == ["a.jpg"])
    #expect(!arguments[Self.exact])
  }

  @Test("words after -- are never options, and a negative number is a word")
  func literalWords() throws {
    let arguments = try Arguments(["--exact", "-5", "--", "--k"], for: Self.command)
    #expect(arguments.positionals == ["-5", "--k"])
    #expect(arguments[Self.exact])
  }

  @Test(
    "a mistake is explained in one sentence",
    arguments: [
      (["--exat", "a"], "query has no option --exat; did you mean --exact?"),
      (["--k"], "--k needs a value: --k N."),
      (["--k", "many", "a"], "--k takes a whole number, not \"many\"."),
      (["--k", "11", "a"], "--k takes a whole number from 1 to 10, not 11."),
      (["--exact=yes", "a"], "--exact takes no value: write it alone."),
      (["--k", "7", "a", "-k", "3"], "--k has two values, \"7\" and \"3\": give it once."),
      (["--k", "7", "a", "-k=3"], "--k has two values, \"7\" and \"3\": give it once."),
      (["--k", "", "a"], "The value of --k is empty: write one, or leave --k out."),
      (["--k=", "a"], "The value of --k is empty: write one, or leave --k out."),
      (["--tag", "", "a"], "The value of --tag is empty: write one, or leave --tag out."),
      (["a", "", "b"], "An argument of query is empty."),
      (["--", ""], "An argument of query is empty."),
      (["-V"], "query has no option -V."),
    ])
  func mistakes(words: [String], message: String) {
    #expect(throws: UsageError(message)) { try Arguments(words, for: Self.command) }
  }

  @Test("a repeatable option has all its values, and any option may be repeated with the same")
  func repetition() throws {
    let arguments = try Arguments(
      ["--tag", "a", "--k", "3", "--tag", "b", "--tag", "a", "--k=3", "--exact", "--exact", "x"],
      for: Self.command)
    #expect(arguments.all(Self.tag) == ["a", "b", "a"])
    #expect(arguments[Self.count] == 3 && arguments.all(Self.count) == [3])
    #expect(arguments.has(Self.tag) && arguments.has(Self.exact))
    #expect(try !Arguments(["x"], for: Self.command).has(Self.tag))
  }

  @Test(
    "short options may stand in one word, with their value",
    arguments: [["-xk7"], ["-xk", "7"], ["-k7", "-x"], ["-xk=7"], ["-k=7", "-x"]])
  func cluster(words: [String]) throws {
    let short = CommandDescription(
      name: "query", summary: "", options: [Self.count, Flag("--exact", "-x", help: "Scan.")])
    let arguments = try Arguments(words, for: short)
    #expect(arguments[Self.count] == 7 && arguments.has(short.options[1]))
  }

  @Test("what is no option in a word of short ones is named", arguments: ["-xz", "-k7x", "-xk"])
  func badCluster(word: String) throws {
    let short = CommandDescription(
      name: "query", summary: "", options: [Self.count, Flag("--exact", "-x", help: "Scan.")])
    #expect(throws: UsageError.self) { try Arguments([word], for: short) }
  }

  @Test("text laid out by hand is wrapped by its paragraphs and lists")
  func blocks() {
    let text = """
      One of:
        list     the files
                 of the folder
        fetch N  gets them

      The end, which is long enough to be wrapped because it has more than seventy-nine characters in it.
      And goes on.
      """
    let blocks = TextBlock.blocks(text)
    #expect(blocks.map(\.term) == ["", "list", "fetch N", ""])
    #expect(blocks.map(\.text)[1] == "the files of the folder" && blocks[3].isApart)
    let lines = TextBlock.text(text).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[1] == "  list     the files of the folder" && lines[3].isEmpty)
    #expect(lines.allSatisfy { $0.count <= 79 } && lines.last?.hasSuffix("in it. And goes on.") == true)
  }

  @Test("a missing word is named, a superfluous one is quoted")
  func wordCount() throws {
    #expect(throws: UsageError("query needs PHOTO: see --help.")) {
      try Arguments([], for: Self.command).checkCount(for: Self.command)
    }
    let pair = CommandDescription(
      name: "verify", summary: "",
      positionals: [.init("PHOTO", help: ""), .init("OTHER", help: "")])
    #expect(throws: UsageError("verify needs OTHER: see --help.")) {
      try Arguments(["a"], for: pair).checkCount(for: pair)
    }
    #expect(throws: UsageError("verify does not take \"c\": see --help.")) {
      try Arguments(["a", "b", "c"], for: pair).checkCount(for: pair)
    }
    try Arguments(["a", "b"], for: pair).checkCount(for: pair)
  }

  @Test("the help page shows usage, options and examples in aligned columns")
  func help() {
    let text = Self.command.help(program: "galleryctl", shared: [Self.exact])
    #expect(text.hasPrefix("usage: galleryctl query [options] PHOTO…\n"))
    #expect(text.contains("  --k, -k N  How many.\n  --exact    Scan.\n"))
  }

  @Test(
    "edit distance counts single edits",
    arguments: [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0)])
  func editDistance(a: String, b: String, distance: Int) {
    #expect(Suggestion.editDistance(a, b) == distance)
  }
}
