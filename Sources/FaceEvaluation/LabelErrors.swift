public import Foundation
internal import Support

/// Photos of a data set whose name is known to be wrong, which no threshold should be measured with.
///
/// Lines of the file name a photo without its ending (`Ricky_Ray_0001`) or a person's folder, all of whose photos are meant; what
/// follows `#` is a remark.
public struct LabelErrors: Sendable {
  /// The photos, by index in ``PersonPhotos/photos``.
  public let photos: Set<Int>

  /// Reads a file that names photos and people of a folder.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` for a file that cannot be read, and a name that the folder does not have.
  public init(_ url: URL, photos dataset: PersonPhotos) throws(EvaluationError) {
    guard let text = try? InputFile.text(url.path(percentEncoded: false)) else {
      throw EvaluationError(.badData, "The list \(url.path) cannot be read; check the path.")
    }
    var indices: [String: [Int]] = [:]
    for (index, photo) in dataset.photos.enumerated() {
      indices[photo.url.deletingPathExtension().lastPathComponent, default: []].append(index)
      indices[dataset.people[photo.person], default: []].append(index)
    }
    var found: Set<Int> = []
    for line in text.split(whereSeparator: \.isNewline) {
      let name = line.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
      if name.isEmpty { continue }
      guard let named = indices[name] else {
        throw EvaluationError(
          .badData, "\(url.path) names \"\(name)\", which is no photo or person of the folder.")
      }
      found.formUnion(named)
    }
    photos = found
  }
}
