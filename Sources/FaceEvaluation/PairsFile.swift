public import Foundation
internal import Support

/// The pairs of a k-fold verification protocol, in the form of LFW's `pairs.txt`: the number of folds and of pairs a
/// fold and kind, then `NAME n m` for the same person and `NAME n OTHER m` for different ones.
public struct PairsFile: Sendable {
  /// Two photos by index, and whether they show the same person.
  public struct Pair: Sendable, Hashable {
    /// The first photo's index.
    public let first: Int
    /// The second photo's index.
    public let second: Int
    /// Whether both show one person.
    public let isSame: Bool
  }

  /// The pairs of each fold.
  public let folds: [[Pair]]

  /// Reads a file that names photos of a folder.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` that quotes the line which cannot be used.
  public init(_ url: URL, photos: PersonPhotos) throws(EvaluationError) {
    let text: String
    do throws(SystemError) {
      text = try InputFile.text(url.path(percentEncoded: false))
    } catch {
      throw EvaluationError(.badData, error.sentence(reading: "The pairs file \(url.path)"))
    }
    let lines = text.split(whereSeparator: \.isNewline)
    let header = lines.first?.split(whereSeparator: \.isWhitespace).map { Int($0) } ?? []
    guard header.count == 2, let count = header[0], let half = header[1], count >= 2, half >= 1,
      lines.count == 1 + count * half * 2
    else {
      throw EvaluationError(
        .badData,
        "\(url.path) is not a pairs file: first line FOLDS PAIRS, with 2 folds or more, then 2 × FOLDS × PAIRS lines."
      )
    }
    var pairs: [Pair] = []
    for line in lines.dropFirst() { pairs.append(try Self.pair(line, photos, url)) }
    folds = stride(from: 0, to: pairs.count, by: half * 2).map { Array(pairs[$0..<$0 + half * 2]) }
  }

  private static func pair(
    _ line: Substring, _ photos: PersonPhotos, _ url: URL
  ) throws(EvaluationError) -> Pair {
    let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard fields.count == 3 || fields.count == 4, let one = Int(fields[1]),
      let other = Int(fields[fields.count - 1])
    else {
      throw EvaluationError(.badData, "\(url.path) has a line of another form: \"\(line)\".")
    }
    guard let first = photos.photo(of: fields[0], number: one),
      let second = photos.photo(of: fields[fields.count == 3 ? 0 : 2], number: other)
    else {
      throw EvaluationError(.badData, "\(url.path) names a photo that the folder does not have: \"\(line)\".")
    }
    return Pair(first: first, second: second, isSame: fields.count == 3)
  }
}
