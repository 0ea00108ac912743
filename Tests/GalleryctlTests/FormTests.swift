import Foundation
import TestSupport
import Testing

@Suite("Tables as CSV, answers as lines of JSON", .needsPhotos)
struct FormTests {
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    for (name, photo) in [("Obama, Barack", "obama.jpg"), ("Joe \"Joe\" Biden", "biden.jpg")] {
      #expect(try galleryctl("add", "--name", name, Fixtures.photo(photo)).status == 0)
    }
    return galleryctl
  }

  /// The fields of CSV, by Python's reader.
  private func rows(_ text: String, _ galleryctl: Galleryctl) throws -> [[String]] {
    let file = try galleryctl.file("t.csv", text.utf8)
    let program = "import csv,json,sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline='')))))"
    let run = try galleryctl.shell("python3 -c \"\(program)\" \(file)")
    return try JSONDecoder().decode([[String]].self, from: Data(run.text.utf8))
  }

  @Test("list and query are read by another program, and say the rest on standard error")
  func csv() throws {
    let galleryctl = try filled()
    let list = try galleryctl("list", "--csv")
    #expect(list.status == 0 && list.errors == "2 people, 2 faces\n")
    let people = try rows(list.output, galleryctl)
    #expect(
      people.map { $0.prefix(3) } == [
        ["no.", "person", "faces"], ["2", "Joe \"Joe\" Biden", "1"], ["1", "Obama, Barack", "1"],
      ])
    let photo = Fixtures.photo("obama2.jpg")
    let query = try galleryctl("query", "--csv", "--k", "2", photo)
    #expect(query.status == 0 && query.errors.hasPrefix("1 of 1 face named; threshold "))
    let answers = try rows(query.output, galleryctl)
    #expect(answers.count == 3)
    #expect(answers[0].count == 9 && answers.allSatisfy { $0.count == 9 })
    // Each row says all: the photo, the face, and the verdict.
    for row in answers.dropFirst() { #expect(row[0] == photo && row[1] == "1" && row[8] == "Obama, Barack") }
    #expect(answers.dropFirst().map { $0[3] } == ["1", "2"])
    let json = try galleryctl("query", "--json", "--k", "2", photo).json([Replies.Photo].self)
    let candidates = try #require(json[0].faces?.first?.answer.candidates)
    #expect(answers.dropFirst().compactMap { Float($0[6]) } == candidates.map { Float($0.similarity) })
    #expect(answers.dropFirst().allSatisfy { Double($0[7]) != nil })
  }

  @Test("check has its tables in a fixed order, empty ones too")
  func tables() throws {
    let galleryctl = try filled()
    let run = try galleryctl("check", "--csv")
    #expect(run.status == 0 && run.errors.contains("all is well"))
    #expect(
      run.output.components(separatedBy: "\n\n").map { $0.prefix { $0 != "," } } == [
        "part", "\"one name", "nearly the same picture", "suspicious face", "unlike the person's others",
      ])
  }

  @Test(
    "with --jsonl a photo is answered on standard output before the next is read",
    .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
  func lines() throws {
    let galleryctl = try filled()
    let (first, second) = (
      try galleryctl.copy("obama2.jpg", to: "one.jpg"), try galleryctl.copy("hanks.png", to: "two.png")
    )
    let run = try galleryctl("query", "--jsonl", first, "nowhere.jpg", second)
    #expect(run.status == 3)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3)
    let whole = try galleryctl("query", "--json", first, "nowhere.jpg", second).output
    let decode = { (text: String) in try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSArray }
    #expect(try decode("[" + lines.joined(separator: ",") + "]") == decode(whole))

    let log = galleryctl.folder.appending(path: "trace")
    let process = Process()
    process.executableURL = URL(filePath: Strace.path)
    process.arguments =
      [
        "-f", "-qq", "-y", "-s", "40", "-o", log.path, "-e", "trace=openat,write", Galleryctl.binary.path,
        "query",
      ]
      + ["--jsonl", first, second]
    process.currentDirectoryURL = galleryctl.folder
    process.environment = ProcessInfo.processInfo.environment.merging([
      "FACEGALLERY_WEIGHTS": Fixtures.weights.path
    ]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let calls = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
    let answered = calls.indices.filter { calls[$0].contains("write(1<") && calls[$0].contains("{") }
    let opened = calls.indices.filter { calls[$0].contains("two.png\"") }
    #expect(answered.count == 2)
    // Whether it is a video is looked at before.
    #expect(try #require(answered.first) < #require(opened.last))
  }
}
