import Console
import FaceGallery
import Foundation
import Support

/// What was passed over when photos were looked for, for people: a line a kind.
struct LeftOut {
  /// Every path, and links too; else a few paths of each kind.
  static let verbose = Flag(
    "--verbose", "-v",
    help: "List everything that was left out, and links to folders that are looked at anyway.")

  private static let exampleCount = 3

  let omissions: [Omission]
  let isVerbose: Bool

  init(_ omissions: [Omission], _ arguments: Arguments) {
    self.omissions = omissions
    isVerbose = arguments[Self.verbose]
  }

  /// Lines, each ending in a newline; none where nothing was left out.
  var text: String {
    Omission.Kind.allCases.map { kind in
      let some = omissions.filter { $0.kind == kind }
      guard !some.isEmpty else { return "" }
      switch kind {
      case .unreadable:
        return some.map {
          "not looked at: \(PrintableText.of(ShownPath.short($0.path))): \($0.reason ?? "no reason is known")\n"
        }.joined()
      case .visitedFolder where !isVerbose: return ""
      default: return line(kind, some.map(\.path))
      }
    }.joined()
  }

  private func line(_ kind: Omission.Kind, _ paths: [String]) -> String {
    let head =
      switch kind {
      case .notAPhoto:
        Format.count(
          paths.count, "file is no photo by its name", plural: "files are no photos by their names")
      case .video:
        Format.count(paths.count, "video is", plural: "videos are")
          + " looked at when named by " + (paths.count == 1 ? "itself" : "themselves")
      case .hidden: Format.count(paths.count, "hidden name", plural: "hidden names") + " left out"
      case .systemFolder:
        Format.count(paths.count, "folder of the system", plural: "folders of the system") + " left out"
      case .visitedFolder:
        Format.count(paths.count, "link leads", plural: "links lead")
          + " to what is looked at anyway"
      case .special: Format.count(paths.count, "name is", plural: "names are") + " neither file nor folder"
      case .noRegion:
        Format.count(paths.count, "photo has", plural: "photos have") + " no face that is marked and named"
      case .unreadable: ""
      }
    if isVerbose {
      return head + ":\n" + paths.map { "  \(PrintableText.of(ShownPath.short($0)))\n" }.joined()
    }
    // Names that many folders have are named once.
    var examples: [String] = []
    for path in paths where examples.count < Self.exampleCount {
      let name = PrintableText.of((path as NSString).lastPathComponent)
      if !examples.contains(name) { examples.append(name) }
    }
    let names = Set(paths.lazy.map { ($0 as NSString).lastPathComponent })
    return head + ": " + examples.joined(separator: ", ") + (names.count > examples.count ? ", …" : "") + "\n"
  }
}
