import Foundation

/// Labeled Faces in the Wild as it is unpacked: `NAME/NAME_0001.jpg`, and the pairs of its 10-fold protocol.
struct LFWDataset {
  struct Photo {
    var person: Int
    var url: URL
  }

  /// Two photos, by index, and whether they show the same person.
  struct Pair {
    var first: Int
    var second: Int
    var isSame: Bool
  }

  private(set) var people: [String] = []
  private(set) var photos: [Photo] = []
  /// Ten lists of 600 pairs.
  private(set) var folds: [[Pair]] = []

  init(folder: URL, pairs: URL) throws {
    let files = FileManager.default
    var first: [String: Int] = [:]
    for person in try files.contentsOfDirectory(atPath: folder.path).sorted() {
      let names = try files.contentsOfDirectory(atPath: folder.appending(path: person).path).sorted()
      first[person] = photos.count
      for name in names where name.hasSuffix(".jpg") {
        photos.append(Photo(person: people.count, url: folder.appending(path: person).appending(path: name)))
      }
      people.append(person)
    }
    try readPairs(pairs, first: first)
  }

  private mutating func readPairs(_ url: URL, first: [String: Int]) throws {
    let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    guard let header = lines.first?.split(separator: "\t").compactMap({ Int($0) }), header.count == 2 else {
      throw ReportError("\(url.path) does not begin with the number of folds and of pairs")
    }
    let pairs = try lines.dropFirst().map { line in
      let fields = line.split(separator: "\t").map(String.init)
      func photo(_ name: String, _ number: String) throws -> Int {
        guard let start = first[name], let number = Int(number), number >= 1 else {
          throw ReportError("\(url.path) names a photo that is not there: \(line)")
        }
        return start + number - 1
      }
      if fields.count == 3 {
        return Pair(
          first: try photo(fields[0], fields[1]), second: try photo(fields[0], fields[2]), isSame: true)
      }
      guard fields.count == 4 else { throw ReportError("\(url.path) has a line of another form: \(line)") }
      return Pair(
        first: try photo(fields[0], fields[1]), second: try photo(fields[2], fields[3]), isSame: false)
    }
    let size = header[1] * 2
    folds = stride(from: 0, to: pairs.count, by: size).map { Array(pairs[$0..<min($0 + size, pairs.count)]) }
  }
}

/// What went wrong, as a sentence.
struct ReportError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
