import Testing

@testable import Console

@Suite("Tables, numbers and progress")
struct OutputTests {
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
    // Numbers, headings and eight columns of a text stay, even where the terminal is too narrow.
    #expect(wide.lines(fitting: 5).last == "ppppppp…  12345  Barthol…")
  }

  @Test(
    "durations are read at a glance",
    arguments: [(0.82, "0.8 s"), (42, "42 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (.infinity, "?")])
  func durations(seconds: Double, text: String) {
    #expect(Format.duration(seconds) == text)
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
