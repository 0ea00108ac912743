import Foundation
import TestSupport
import Testing

@Suite("The C interface") struct HeaderTests {
  @Test(
    "a program that uses every function, errors included, is valid C11 and C++17 without a warning, and is satisfied",
    arguments: [
      ["cc", "-std=c11", "-pedantic"], ["c++", "-x", "c++", "-std=c++17", "-Wno-missing-field-initializers"],
    ])
  func use(compiler: [String]) throws {
    let folder = try TemporaryFolder()
    let program = folder.url.appending(path: "use").path
    let compiled = try PythonTool.run(
      compiler + [
        "-O1", "-Wall", "-Wextra", "-Werror", "-I", PythonTool.file("Sources/CVectorIndex/include"),
        "-o", program, PythonTool.file("Tests/VectorIndexCTests/C/use.c"), "-x", "none",
        "-L\(Library.folder.path)", "-lvectorindex", "-Wl,-rpath,\(Library.folder.path)", "-lm", "-pthread",
      ])
    #expect(compiled.status == 0 && compiled.output.isEmpty, "\(compiled.output)")
    let files = folder.url.appending(path: "files")
    try FileManager.default.createDirectory(at: files, withIntermediateDirectories: false)
    let run = try PythonTool.run([program, files.path])
    #expect(run.status == 0 && run.output == "OK\n", "\(run.output)")
    // It removes what it saves, and nothing else stays behind.
    #expect(try FileManager.default.contentsOfDirectory(atPath: files.path).isEmpty)
  }

  @Test("the example of docs/index.md does what it says")
  func example() throws {
    let folder = try TemporaryFolder()
    let source = folder.url.appending(path: "nearest.c")
    let block = try #require(try text("docs/index.md").firstMatch(of: /(?s)```c\n(.*?)```/)?.1)
    try String(block).write(to: source, atomically: true, encoding: .utf8)
    let program = folder.url.appending(path: "nearest").path
    let compiled = try PythonTool.run([
      "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", PythonTool.file("Sources/CVectorIndex/include"),
      source.path, Library.file.path, "-Wl,-rpath,\(Library.folder.path)", "-o", program,
    ])
    #expect(compiled.status == 0 && compiled.output.isEmpty, "\(compiled.output)")
    let run = try PythonTool.run([program])
    #expect(run.status == 0 && run.output == "10: 0.999, 30: 0.998\n", "\(run.output)")
  }

  @Test("every function of the header is there, and the program uses it")
  func functions() throws {
    let header = try text("Sources/CVectorIndex/include/vectorindex.h")
    let declared = Set(
      header.matches(of: /(?m)^(?:vi_status|const char \*) ?(vi_[a-z_]+)\(/).map { String($0.1) })
    #expect(declared.count == 29)
    var defined: Set<String> = []
    let sources = PythonTool.file("Sources/VectorIndexC")
    for file in try FileManager.default.contentsOfDirectory(atPath: sources) {
      let source = try text("Sources/VectorIndexC/\(file)")
      defined.formUnion(source.matches(of: /@_cdecl\("(vi_[a-z_]+)"\)/).map { String($0.1) })
    }
    #expect(defined == declared)
    let used = try text("Tests/VectorIndexCTests/C/use.c")
    for function in declared { #expect(used.contains("\(function)("), "\(function)") }
  }

  @Test("the version is the same in C and Python")
  func version() throws {
    let versions = [
      try text("Clients/vectorindex/pyproject.toml").firstMatch(of: /(?m)^version = "([0-9.]+)"$/)?.1,
      try text("Clients/vectorindex/vectorindex/__init__.py").firstMatch(
        of: /(?m)^__version__ = "([0-9.]+)"$/)?.1,
      try text("Sources/VectorIndexC/Figures.swift").firstMatch(of: /version = Lasting\("([0-9.]+)"\)/)?.1,
    ]
    #expect(versions[0] != nil && Set(versions).count == 1, "\(versions)")
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: PythonTool.file(path), encoding: .utf8)
  }
}
