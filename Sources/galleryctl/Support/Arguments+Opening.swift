import Console
import FaceEngine
import FaceGallery
import Foundation

extension Arguments {
  /// The gallery's folder: `--gallery`, else `$GALLERYCTL_GALLERY`, else `./gallery`.
  var galleryURL: URL {
    let named = ProcessInfo.processInfo.environment["GALLERYCTL_GALLERY"] ?? ""
    let path = self[SharedOptions.gallery] ?? (named.isEmpty ? "gallery" : named)
    return URL(filePath: path, directoryHint: .isDirectory)
  }

  /// The folder of weights: `--weights`, else the engine's default, else `weights` or `share/facegallery/weights` in a
  /// folder above the program, which is where a build and `make install` have them.
  var weightsURL: URL {
    if let path = self[SharedOptions.weights] { return URL(filePath: path, directoryHint: .isDirectory) }
    let standard = EngineConfiguration.defaultWeightsDirectory
    guard !FileManager.default.fileExists(atPath: standard.path) else { return standard }
    return InstalledFile.manifest?.deletingLastPathComponent() ?? standard
  }

  /// Loads the engine that the options ask for: `--engine`, else the one that the gallery was filled with, else the
  /// standard one.
  ///
  /// - Parameter choice: What takes the place of `--engine`.
  func engine(_ choice: EngineSpecification? = nil, threads: Int = 1) throws -> FaceEngine {
    try FaceEngine(
      EngineConfiguration(
        weightsDirectory: weightsURL, detector: self[DetectionFlags.detector], threads: threads,
        engine: try choice ?? engineSpecification()))
  }

  /// Loads the engine for a gallery that is being opened: `--engine`, else the one that it was filled with, else the
  /// standard one.
  func engine(remembered: EngineSpecification?, threads: Int = 1) throws -> FaceEngine {
    try engine(self[SharedOptions.engine] ?? remembered ?? .standard, threads: threads)
  }

  /// `--engine`, else the gallery's, else the standard one.
  private func engineSpecification() throws(GalleryError) -> EngineSpecification {
    if let choice = self[SharedOptions.engine] { return choice }
    if let choice = try Gallery.engineSpecification(at: galleryURL) { return choice }
    return .standard
  }

  /// The photos named by the positional words, folders replaced by the photos in them, in order.
  ///
  /// - Throws: ``GalleryError`` for a path that is not there or a folder without photos.
  func photos() throws(GalleryError) -> [URL] {
    try DatasetFolder(positionals.map { URL(filePath: $0) }).photos.compactMap { item in
      if case .file(let url) = item.photo { url } else { nil }
    }
  }

  /// Whether progress is shown.
  var showsProgress: Bool { !self[SharedOptions.quiet] }
}
