import Foundation

/// What the system knows of a file that this process has mapped.
package enum MemoryMap {
  /// How many of the file's mappings are to be read page by page, as asked for, and how many ahead.
  package static func advice(of path: String) throws -> (random: Int, normal: Int) {
    let name = URL(filePath: path).resolvingSymlinksInPath().path
    // `Data(contentsOf:)` ends after the first bytes that the system hands out.
    let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
    let list = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    var isFile = false
    var (random, normal) = (0, 0)
    for line in list.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words[0].contains("-") { isFile = line.hasSuffix(name) }
      guard isFile, words[0] == "VmFlags:" else { continue }
      if words.contains("rr") { random += 1 } else { normal += 1 }
    }
    return (random, normal)
  }
}
