import Testing

@testable import Console

@Suite("Tables, numbers and progress")
struct OutputTests {
  @Test(
    "less than half is never shown as half",
    arguments: [
      ((0.5).nextDown, "49.9 %"), (0.49999, "49.9 %"), (0.499, "49.9 %"), (0.5, "50.0 %"), (0.29, "29.0 %"),
      (0.9989, "99.8 %"), (0.9995, "> 99.9 %"), (0.0004, "< 0.1 %"),
    ])
  func percentage(share: Double, text: String) { #expect(Percentage.text(share) == text) }

  @Test("columns line up, also with wide characters, and control characters are escaped")
  func table() {
    var table = Table(.left("name"), .right("faces"))
    table.append(["José", "12"])
    table.append(["王小明", "3"])
    table.append(["a\u{1B}[2Jb"])
    #expect(
      table.lines(fitting: nil) == [
        "name       faces", "─────────  ─────", "José          12", "王小明         3", "a\\x1B[2Jb",
      ])
  }

  @Test(
    "in a terminal a long cell is cut to its column's limit, and columns to the terminal, the widest first")
  func longCell() {
    var table = Table(.left("name", limit: 5))
    table.append(["Bartholomew"])
    #expect(table.lines(fitting: 80).last == "Bart…")
    #expect(table.lines(fitting: nil).last == "Bartholomew")
    var wide = Table(.left("photo"), .right("faces"), .left("person"))
    wide.append([String(repeating: "p", count: 40), "12345", "Bartholomew"])
    #expect(
      wide.lines(fitting: 36).last == String(repeating: "p", count: 15) + "…  12345  Bartholomew")
    // Numbers, headings and eight columns of a text stay, as long as the terminal has room for them.
    #expect(wide.lines(fitting: 25).last == "ppppppp…  12345  Barthol…")
  }

  @Test(
    "a terminal that is too narrow is not shown columns that can be spared, and then a line a cell",
    arguments: 40...120)
  func narrow(width: Int) {
    var table = Table(
      .left("photo"), .left("at", leavingOut: 1), .right("rank", leavingOut: 2), .left("person"),
      .right("probability", leavingOut: 3), .left("verdict"))
    table.append(["IMG_1231.jpg", "195,225 180×180", "1", "Barack Obama", "99.9 %", "Barack Obama"])
    table.append(["", "", "2", "王小明", "0.1 %", ""])
    let text = Report(table).text(fitting: width)
    #expect(text.split(separator: "\n").allSatisfy { TextWidth.of(String($0)) <= width }, "\(text)")
    // Names are whole.
    #expect(text.contains("IMG_1231.jpg") && text.contains("王小明"))
    #expect(text.ranges(of: "Barack Obama").count == 2, "\(text)")
    #expect(text.contains("left out, as the terminal is narrow: at") == (width < 76), "\(text)")
    var numbers = Table(
      .left("photo"), .right("a long heading"), .right("another heading"), .right("one more"))
    numbers.append(["a.jpg", "1", "", "3"])
    numbers.append(["b.jpg", "4", "5", "6"])
    let lines = numbers.lines(fitting: width)
    #expect(lines.allSatisfy { TextWidth.of($0) <= width })
    if width < 48 {
      #expect(
        lines == [
          "photo            a.jpg", "a long heading   1", "one more         3", "", "photo            b.jpg",
          "a long heading   4", "another heading  5", "one more         6",
        ])
    }
  }

  @Test("programs read whole cells of every row, people what is shown to them")
  func csv() {
    var table = Table(.left("photo"), .right("rank"), .left("person"))
    table.append([.init("a.jpg", value: "x/a.jpg"), "1", "Ann, \"A\""])
    table.append([.init("a.jpg", value: "x/a.jpg"), "2", "B\u{1B}[2J\nen"], repeating: [0])
    table.append(["b.jpg", "1"], isForPeople: false)
    let empty = Table(.left("nothing"))
    let report = "before\n" + Report(empty, spaced: true) + Report(table, spaced: true) + "after\n"
    #expect(
      report.text(fitting: nil) == #"""
        before

        photo  rank  person
        ─────  ────  ──────────────
        a.jpg     1  Ann, "A"
                  2  B\x1B[2J\x0Aen
        after

        """#)
    #expect(
      report.tables == #"""
        nothing

        photo,rank,person
        x/a.jpg,1,"Ann, ""A"""
        x/a.jpg,2,B\x1B[2J\x0Aen
        b.jpg,1,

        """#)
    #expect(report.sentences == "before\nafter\n")
  }

  @Test("people are told how many rows are not shown, programs read them")
  func firstRows() {
    var table = Table(.right("no."))
    table.show(first: 2) { "and \($0) more\n" }
    for number in 1...2 { table.append(["\(number)"]) }
    #expect(Report(table).text(fitting: nil) == "no.\n───\n  1\n  2\n")
    for number in 3...5 { table.append(["\(number)"]) }
    #expect(Report(table).text(fitting: nil) == "no.\n───\n  1\n  2\nand 3 more\n")
    #expect(Report(table).tables == "no.\n1\n2\n3\n4\n5\n")
  }

  @Test(
    "durations are read at a glance",
    arguments: [(0.82, "0.8 s"), (42, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (.infinity, "?")])
  func durations(seconds: Double, text: String) {
    #expect(Format.duration(seconds) == text)
  }

  @Test(
    "a number that rounds to nothing has no sign",
    arguments: [(-0.3, 0, "0"), (-0.004, 2, "0.00"), (-0.6, 0, "-1"), (0.25, 1, "0.2")])
  func signs(value: Double, digits: Int, text: String) {
    #expect(Format.fixed(value, digits) == text)
  }

  @Test(
    "sizes are given in binary units",
    arguments: [(512, "512 B"), (1434, "1.4 KiB"), (22_466_066, "21.4 MiB")])
  func sizes(count: Int, text: String) {
    #expect(Format.bytes(count) == text)
  }

  @Test("a progress line has share, count, rate and time left, and fits the terminal")
  func progressLine() {
    let line = ProgressBar.line(
      title: "adding", done: 50, total: 200, unit: "photos", seconds: 10, columns: 80)
    #expect(line.hasSuffix("  25%  50/200  5.00 photos/s  30 s left"))
    #expect(TextWidth.of(line) < 80)
    let narrow = ProgressBar.line(
      title: "adding", done: 50, total: 200, unit: "photos", seconds: 10, columns: 30)
    #expect(TextWidth.of(narrow) < 30)
  }
}
