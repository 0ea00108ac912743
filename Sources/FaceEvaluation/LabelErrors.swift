public import Foundation
internal import Support

/// Photos of a data set whose name is known to be wrong, which no threshold should be measured with.
///
/// Lines of the file name a photo without its ending (`Ricky_Ray_0001`) or a person's folder, all of whose photos are meant; what
/// follows `#` is a remark.
public struct LabelErrors: Sendable {
  /// The photos, by index in ``PersonPhotos/photos``.
  public let photos: Set<Int>
  /// How many lines name no photo and nobody of the folder, as where it is a part of the data set.
  public let absent: Int

  /// Reads a file that names photos and people of a folder.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` for a file that cannot be read, and one that names nothing of the folder.
  public init(_ url: URL, photos dataset: PersonPhotos) throws(EvaluationError) {
    let text: String
    do throws(SystemError) {
      text = try InputFile.text(url.path(percentEncoded: false))
    } catch {
      throw EvaluationError(.badData, error.sentence(reading: "The list \(url.path)"))
    }
    var indices: [String: [Int]] = [:]
    for (index, photo) in dataset.photos.enumerated() {
      indices[photo.url.deletingPathExtension().lastPathComponent, default: []].append(index)
      indices[dataset.people[photo.person], default: []].append(index)
    }
    var found: Set<Int> = []
    var absent: [String] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let name = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
      if name.isEmpty { continue }
      if let named = indices[name] { found.formUnion(named) } else { absent.append(name) }
    }
    // A list of which nothing is there is another data set's, or is misspelt.
    if found.isEmpty, let name = absent.first {
      throw EvaluationError(
        .badData, "\(url.path) names no photo or person of the folder, such as \"\(name)\".")
    }
    (photos, self.absent) = (found, absent.count)
  }
}
