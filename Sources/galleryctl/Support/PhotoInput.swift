import FaceGallery
import Foundation
import Support

/// Reads what stands in a photo's place on a command line and is no path: `-`, pipes, and addresses, which are refused.
struct PhotoInput {
  /// How the command is written that reads a photo from standard input, without the program's name: `query -`.
  private let usage: String
  private var isInputTaken: Bool

  /// - Parameters:
  ///   - usage: How the command is written that reads a photo from standard input, without the program's name.
  ///   - isInputTaken: Whether standard input is read for something else.
  init(usage: String, isInputTaken: Bool = false) {
    self.usage = usage
    self.isInputTaken = isInputTaken
  }

  /// The photo that is read once, now: standard input (`-`, `/dev/stdin`), a pipe (`<(…)`); nil for a path of files or folders.
  ///
  /// - Throws: `InputError` when it cannot be read, and for an address.
  mutating func photo(_ word: String) throws(InputError) -> Photo? {
    if ["http://", "https://"].contains(where: { word.lowercased().hasPrefix($0) }) {
      let quoted = "'" + word.replacing("'", with: "'\\''") + "'"
      throw InputError(
        "\(word) is an address, and photos are not fetched from a network: curl -fsSL \(quoted) | galleryctl \(usage)"
      )
    }
    guard word == "-" || Self.isReadOnce(word) else { return nil }
    do throws(SystemError) {
      guard word == "-" else {
        return .data(try InputFile.readToEnd(word, limit: Photo.maximumFileBytes), name: word)
      }
      guard !isInputTaken else { throw SystemError("be read", word, code: EBUSY) }
      isInputTaken = true
      guard isatty(STDIN_FILENO) == 0 else { throw SystemError("be read", word, code: ENOTTY) }
      return .data(try InputFile.readStandardInput(limit: Photo.maximumFileBytes), name: word)
    } catch {
      throw InputError(sentence(error, word))
    }
  }

  /// A word as people are shown it.
  static func shown(_ word: String) -> String { word == "-" ? "standard input" : word }

  private func sentence(_ error: SystemError, _ word: String) -> String {
    let shown = Self.shown(word)
    switch error.code {
    case EBUSY where word == "-":
      return "`-` may be given only once (`--list -` also counts)."
    case ENOTTY: return "standard input is a terminal: send a photo, as in `galleryctl \(usage) < photo.jpg`."
    case ENOENT, ENOTDIR: return "\(shown) is not there: check the path."
    case ESPIPE: return "\(shown) is neither a file nor a pipe."
    case EFBIG: return "\(shown) has more than \(Photo.maximumFileBytes >> 20) MiB."
    default: return "\(shown) cannot be read: \(error.reason)."
    }
  }

  private static func isReadOnce(_ word: String) -> Bool {
    word == "/dev/stdin" || word.hasPrefix("/dev/fd/") || (try? InputFile.kind(of: word)) == .special
  }
}
