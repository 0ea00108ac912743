import Foundation

/// `manifest.json` of a weights folder: which files belong there.
struct WeightsManifest: Decodable {
  struct File: Decodable {
    let name: String
    let bytes: Int
    let sha256: String
    let licence: String
    let purpose: String
  }

  let files: [File]

  /// The manifest of `folder`; `nil` when there is none that can be read.
  init?(in folder: URL) {
    guard let data = try? Data(contentsOf: folder.appending(path: "manifest.json")),
      let manifest = try? JSONDecoder().decode(WeightsManifest.self, from: data)
    else { return nil }
    self = manifest
  }
}
