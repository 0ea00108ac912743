import Console
import FaceGallery
import Foundation
import Support
import Video

/// A video that a word names.
struct NamedVideo {
  let url: URL
  /// Who it shows; nil where nobody said so.
  let name: String?
}

/// The photos and videos that the words of a command line and its `--list` name, in order, folders replaced by the photos in them.
///
/// A word that names no photo is kept with the reason: it costs the others nothing.
struct PhotoOperands {
  static let list = ValueOption<String>(
    "--list", placeholder: "FILE",
    help:
      "Also take the photos and folders that FILE names, one a line or ending in NUL; - is standard input.")

  /// Photos, for commands that take any number of them.
  static func positional(_ placeholder: String) -> CommandDescription.Positional {
    .init(
      placeholder, help: "Photos, videos, or folders of photos; - is a photo on standard input.",
      count: 0...(.max))
  }

  /// How people are named.
  enum Naming {
    /// Not at all.
    case unnamed
    /// All photos show this person.
    case all(String)
    /// By the paths; `anyName` takes numbers, names of cameras and words such as `photo`, too.
    case paths(anyName: Bool)
    /// By the faces that are marked in the photos.
    case regions(anyName: Bool)
  }

  /// What a word came to.
  enum Item {
    /// A photo that it names.
    case photo(NamedPhoto)
    /// A video that it names.
    case video(NamedVideo)
    /// A word that names none, and why, in one sentence.
    case problem(word: String, sentence: String)
  }

  private(set) var items: [Item] = []
  private(set) var omissions: [Omission] = []

  var photos: [NamedPhoto] { items.compactMap { if case .photo(let photo) = $0 { photo } else { nil } } }

  var videos: [NamedVideo] { items.compactMap { if case .video(let video) = $0 { video } else { nil } } }

  /// Why words name no photo, a sentence each.
  var problems: [String] {
    items.compactMap { if case .problem(_, let sentence) = $0 { sentence } else { nil } }
  }

  /// Looks at what the words name, and reads what can be read only once.
  ///
  /// - Parameters:
  ///   - command: The command that the words are of.
  ///   - usage: How the command is written that reads a photo from standard input, without the program's name.
  /// - Throws: `UsageError` when neither words nor `--list` were given, `InputError` for a list that cannot be read or is empty.
  init(
    _ arguments: Arguments, of command: CommandDescription, usage: String, naming: Naming = .unnamed
  ) throws {
    var input = PhotoInput(usage: usage, isInputTaken: arguments[Self.list] == "-")
    for word in try Self.words(arguments, command) {
      do {
        if let photo = try input.photo(word) {
          if case .data(let data, _) = photo, VideoFormat.isVideo(data) {
            throw InputError(
              "\(PhotoInput.shown(word)) is a video, and videos are read from files: name the file.")
          }
          items.append(.photo(try Self.named(photo, word, naming)))
          continue
        }
        if VideoFormat.isVideo(URL(typed: word).path(percentEncoded: false)) {
          items.append(.video(try Self.video(word, naming)))
          continue
        }
        let (photos, omissions) = try Self.found(word, naming, arguments)
        self.omissions += omissions
        items += photos.map { .photo($0) }
      } catch  where error is InputError || error is GalleryError {
        items.append(.problem(word: word, sentence: "\(error)"))
      }
    }
  }

  /// The photos of a path.
  private static func found(
    _ word: String, _ naming: Naming, _ arguments: Arguments
  ) throws(GalleryError) -> (photos: [NamedPhoto], omissions: [Omission]) {
    let places = [URL(typed: word)]
    switch naming {
    case .unnamed:
      let folder = try DatasetFolder(places)
      return (folder.photos.map { NamedPhoto($0.photo, name: nil) }, folder.omissions)
    case .all(let name):
      let folder = try DatasetFolder(places, name: name)
      return (folder.photos, folder.omissions)
    case .paths(let anyName):
      let folder = try DatasetFolder(places, anyName: anyName)
      return (folder.photos, folder.omissions)
    case .regions(let anyName):
      var progress: ProgressBar?
      let marked = try RegionPhotos(places, anyName: anyName) { done, total in
        let bar =
          progress ?? ProgressBar("reading", total: total, unit: "photos", enabled: arguments.showsProgress)
        progress = bar
        bar.update(done)
      }
      progress?.finish()
      return (marked.photos, marked.omissions)
    }
  }

  private static func video(_ word: String, _ naming: Naming) throws(InputError) -> NamedVideo {
    switch naming {
    case .unnamed: return NamedVideo(url: URL(typed: word), name: nil)
    case .all(let name): return NamedVideo(url: URL(typed: word), name: name)
    case .regions: throw InputError("\(word) is a video: the faces that are marked in photos can be added.")
    case .paths:
      throw InputError(
        "\(word) is a video, and may show anybody: --unnamed keeps its faces without a name, --name says who it shows."
      )
    }
  }

  private static func named(_ photo: Photo, _ word: String, _ naming: Naming) throws(InputError) -> NamedPhoto
  {
    switch naming {
    case .unnamed: NamedPhoto(photo, name: nil)
    case .all(let name): NamedPhoto(photo, name: name)
    case .regions:
      throw InputError(
        "\(PhotoInput.shown(word)) is no file: the faces that are marked in files can be added.")
    case .paths:
      throw InputError(
        "\(PhotoInput.shown(word)) does not say who it shows: --name does, --unnamed keeps it without a name."
      )
    }
  }

  private static func words(_ arguments: Arguments, _ command: CommandDescription) throws -> [String] {
    guard let file = arguments[list] else {
      guard let placeholder = command.positionals.first?.placeholder, arguments.positionals.isEmpty else {
        return arguments.positionals
      }
      throw UsageError("\(command.name) needs \(placeholder) or --list FILE: see --help.")
    }
    let data: Data
    do throws(SystemError) {
      data =
        try file == "-"
        ? InputFile.readStandardInput(limit: maximumListBytes)
        : InputFile.readToEnd(file, limit: maximumListBytes)
    } catch {
      throw InputError("The list \(PhotoInput.shown(file)) cannot be read: \(error.reason).")
    }
    // Names that may have line feeds in them end in NUL.
    let end: UInt8 = data.contains(0) ? 0 : UInt8(ascii: "\n")
    // Lists of Windows have a carriage return before each line feed.
    let names = data.split(separator: end).map {
      end != 0 && $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
    }
    let words = arguments.positionals + names.filter { !$0.isEmpty }.map { PathText.text($0) }
    guard !words.isEmpty else { throw InputError("The list \(PhotoInput.shown(file)) names no photo.") }
    return words
  }

  private static let maximumListBytes = 256 << 20
}

extension NamedPhoto {
  /// Its place, for reports: the path or word that names it.
  var place: URL {
    if case .file(let url) = photo { url } else { URL(typed: photo.label ?? "") }
  }
}
