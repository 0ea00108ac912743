import Foundation
import TestSupport
import Testing

@Suite("The Python module", .serialized) struct PythonTests {
  @Test("it finds, changes and saves what NumPy says, and refuses what is wrong", .needsNumPy)
  func alone() throws {
    let run = try python(PythonTool.numPy, ["-W", "error", Self.tests, "-v"])
    #expect(run.status == 0 && run.output.contains("\nOK"), "\(run.output)")
  }

  @Test("it has the recall and the distances of hnswlib, whose programs it runs", .needsHnswlib)
  func besideHnswlib() throws {
    let run = try python(PythonTool.hnswlib, [Self.tests, "-v", "BesideHnswlibTests"])
    #expect(
      run.status == 0 && run.output.contains("\nOK") && !run.output.contains("skipped"), "\(run.output)")
  }

  @Test("the example of its README runs", .needsNumPy)
  func example() throws {
    let readme = try String(
      contentsOfFile: PythonTool.file("Clients/vectorindex/README.md"), encoding: .utf8)
    let block = try #require(readme.firstMatch(of: /(?s)```python\n(.*?)```/)?.1)
    let folder = try TemporaryFolder()
    let program =
      "import os\nos.chdir('\(folder.url.path)')\n\(block)\nassert len(again) == 10_000 and (labels[:, 0] == range(5)).all()"
    let path = [PythonTool.numPy.folder, PythonTool.file("Clients/vectorindex")].compactMap { $0 }
    let run = try PythonTool.run(
      [
        "env", "VECTORINDEX_LIBRARY=\(Library.file.path)", "PYTHONDONTWRITEBYTECODE=1", "python3", "-W",
        "error", "-c",
        program,
      ], path: path.joined(separator: ":"))
    #expect(run.status == 0, "\(run.output)")
  }

  @Test("pip installs it with the library inside", .needsNumPy)
  func installed() throws {
    let folder = try TemporaryFolder()
    // pip builds where the sources are.
    let sources = folder.url.appending(path: "sources")
    try FileManager.default.copyItem(
      at: URL(filePath: PythonTool.file("Clients/vectorindex")), to: sources)
    let target = folder.url.appending(path: "installed").path
    let install = try python(
      PythonTool.setuptools,
      [
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation",
        "--target", target, sources.path,
      ])
    #expect(install.status == 0, "\(install.output)")
    let program = """
      import vectorindex, numpy, pathlib
      assert pathlib.Path(vectorindex.__file__).is_relative_to("\(target)"), vectorindex.__file__
      index = vectorindex.Index("l2", 4)
      index.init_index(10)
      index.add_items(numpy.eye(4))
      print(index.knn_query(numpy.eye(4), k=1)[0].reshape(-1).tolist(), vectorindex.version() == vectorindex.__version__)
      """
    let run = try PythonTool.numPy.run(["-c", program], with: target)
    #expect(run.status == 0 && run.output == "[0, 1, 2, 3] True\n", "\(run.output)")
  }

  private static let tests = PythonTool.file("Clients/vectorindex/test_vectorindex.py")

  /// Runs Python with the library that the package has built.
  private func python(_ tool: PythonTool, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let environment = ["VECTORINDEX_LIBRARY=\(Library.file.path)", "PYTHONDONTWRITEBYTECODE=1"]
    let path = tool.folder.map { ["PYTHONPATH=\($0)"] } ?? []
    return try PythonTool.run(["env"] + environment + path + ["python3"] + arguments)
  }
}

extension PythonTool {
  static let numPy = PythonTool("numpy", "numpy")
  static let setuptools = PythonTool("setuptools", "setuptools==80.9.0")
  /// Compiled when it is first installed, as there are no wheels of it.
  static let hnswlib = PythonTool("hnswlib", "numpy", "hnswlib==0.8.0")
}

extension Trait where Self == ConditionTrait {
  /// Runs the test only where NumPy can be installed.
  static var needsNumPy: Self {
    .enabled("NumPy cannot be installed from PyPI here") { PythonTool.numPy.folder != nil }
  }

  /// Runs the test only where hnswlib can be installed.
  static var needsHnswlib: Self {
    .enabled("hnswlib cannot be installed from PyPI here: it needs a C++ compiler and Python's headers") {
      PythonTool.hnswlib.folder != nil
    }
  }
}
