public import Foundation
internal import Imaging
internal import Support

/// A folder of people, `NAME/NAME_0001.jpg`, as face data sets are unpacked.
public struct PersonPhotos: Sendable {
  /// A photo with its person.
  public struct Photo: Sendable, Hashable {
    /// The index in ``PersonPhotos/people``.
    public let person: Int
    /// The file.
    public let url: URL
  }

  /// The sub-folders' names, sorted.
  public private(set) var people: [String] = []
  /// The photos, people in order, the files of each sorted.
  public private(set) var photos: [Photo] = []
  /// The index in ``photos`` of each person's first photo.
  private(set) var first: [String: Range<Int>] = [:]

  /// Lists a folder; one that a link leads to again counts once, under its own name.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` when it cannot be read or has no sub-folders with photos.
  public init(_ folder: URL) throws(EvaluationError) {
    let walk: FolderWalk
    do throws(SystemError) {
      walk = try FolderWalk(folder.path)
    } catch {
      throw EvaluationError(.badData, error.sentence(reading: "The folder \(folder.path)"))
    }
    // Photos lie in the person's folder itself; what is deeper belongs to something else.
    let own = Dictionary(grouping: walk.files.filter { $0.folders.count == 1 }, by: { $0.folders[0] })
    for (name, files) in own.sorted(by: { $0.key < $1.key }) {
      let person = folder.appending(path: name)
      let urls = files.map { person.appending(path: $0.name) }
        .filter { ImageDecoder.fileExtensions.contains($0.pathExtension.lowercased()) }
      guard !urls.isEmpty else { continue }
      first[name] = photos.count..<photos.count + urls.count
      photos += urls.map { Photo(person: people.count, url: $0) }
      people.append(name)
    }
    guard !people.isEmpty else {
      throw EvaluationError(
        .badData, "\(folder.path) has no sub-folders with photos; give each person a folder of their own.")
    }
  }

  /// Some of the photos, by index, with their people; numbers within a person are no longer known.
  func selecting(_ indices: [Int]) -> PersonPhotos {
    var some = self
    some.photos = indices.map { photos[$0] }
    some.first = [:]
    return some
  }

  /// The index of a person's photo by its number; nil when there is none.
  ///
  /// Where a person's files are called `NAME_0001.jpg` their names say the numbers, also when some are missing; else they count from 1.
  func photo(of person: String, number: Int) -> Int? {
    guard let range = first[person], number >= 1 else { return nil }
    let numbers = range.map { Self.number(of: photos[$0].url, person) }
    if numbers.allSatisfy({ $0 != nil }) {
      return numbers.firstIndex(of: number).map { range.lowerBound + $0 }
    }
    return number <= range.count ? range.lowerBound + number - 1 : nil
  }

  /// The number in a file's name behind the person's.
  private static func number(of url: URL, _ person: String) -> Int? {
    let name = url.deletingPathExtension().lastPathComponent
    return name.hasPrefix(person + "_") ? Int(name.dropFirst(person.count + 1)) : nil
  }
}
