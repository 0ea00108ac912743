import Console
import FaceEngine
import FaceGallery
import Foundation
import Imaging
import Support

extension Arguments {
  /// The gallery's folder or address: `--gallery`, else `$GALLERYCTL_GALLERY`, else `./gallery`.
  ///
  /// - Throws: `UsageError` for an address that cannot be understood.
  var galleryURL: URL {
    get throws(UsageError) { try Self.galleryURL(of: namedGallery ?? "gallery") }
  }

  /// The folder or address that somebody typed.
  ///
  /// - Throws: `UsageError` for an address that cannot be understood.
  static func galleryURL(of word: String) throws(UsageError) -> URL {
    do {
      return try Gallery.address(word) ?? URL(typed: word, directoryHint: .isDirectory)
    } catch {
      throw UsageError(error.message)
    }
  }

  /// The gallery's folder, for what a gallery has only there.
  ///
  /// - Throws: `InputError` where the gallery is kept by a server.
  func galleryFolder(for purpose: String) throws -> URL {
    let url = try galleryURL
    guard !Gallery.isOnServer(url) else {
      throw InputError("the gallery is kept by PostgreSQL, and \(purpose).")
    }
    return url
  }

  /// The gallery that somebody has named; nil for the standard one.
  private var namedGallery: String? {
    let named = PathText.environment("GALLERYCTL_GALLERY") ?? ""
    return self[SharedOptions.gallery] ?? (named.isEmpty ? nil : named)
  }

  /// The folder of weights: `--weights`, else the engine's default, else `weights` or `share/facegallery/weights` in a
  /// folder above the program, which is where a build and `make install` have them.
  var weightsURL: URL {
    if let path = self[SharedOptions.weights] { return URL(typed: path, directoryHint: .isDirectory) }
    let standard = EngineConfiguration.defaultWeightsDirectory
    guard !InputFile.exists(standard.path(percentEncoded: false)) else { return standard }
    return InstalledFile.manifest?.deletingLastPathComponent() ?? standard
  }

  /// Loads the engine that the options ask for: `--engine`, else the one that the gallery was filled with, else the
  /// standard one for `--detector`; with `--augment`.
  ///
  /// - Parameter choice: What takes the place of `--engine`.
  func engine(_ choice: EngineSpecification? = nil, threads: Int = 1) throws -> FaceEngine {
    try FaceEngine(
      EngineConfiguration(
        weightsDirectory: weightsURL, detector: self[DetectionFlags.detector], threads: threads,
        engine: try choice ?? engineSpecification()))
  }

  /// Loads an engine as ``engine(_:threads:)`` does, for a command that uses nothing else of a gallery: a standard gallery that cannot be
  /// opened, and that nobody has named, does not stop it.
  func engineBesideGallery(threads: Int = 1) throws -> FaceEngine {
    do {
      return try engine(engineSpecification(), threads: threads)
    } catch let error as GalleryError where namedGallery == nil {
      let choice = specification(remembered: nil)
      Terminal.warn(
        "the engine is \(choice.name), as \(try galleryURL.relativePath), whose engine would be used, cannot be opened: \(error.message)"
      )
      return try engine(choice, threads: threads)
    }
  }

  /// What finds the faces as the engine of a choice does, without its embedding network.
  func finder(_ choice: EngineSpecification) throws -> FaceFinder {
    try FaceFinder(
      EngineConfiguration(
        weightsDirectory: weightsURL, detector: self[DetectionFlags.detector], engine: choice))
  }

  /// Loads the engine for a gallery that is being opened: `--engine`, else the one that it was filled with, else the
  /// standard one for `--detector`; with `--augment`.
  func engine(remembered: EngineSpecification?, threads: Int = 1) throws -> FaceEngine {
    try engine(specification(remembered: remembered), threads: threads)
  }

  /// Looks into the gallery only where the options leave the engine open.
  private func engineSpecification() throws -> EngineSpecification {
    let isGiven = self[SharedOptions.engine] != nil
    return specification(remembered: isGiven ? nil : try Gallery.engineSpecification(at: galleryURL))
  }

  /// The engine for a gallery that was filled with this one.
  func specification(remembered: EngineSpecification?) -> EngineSpecification {
    var choice =
      self[SharedOptions.engine] ?? remembered ?? .standard(for: self[DetectionFlags.detector])
    choice.augmentation = self[SharedOptions.augmentation] ?? choice.augmentation
    return choice
  }

  /// What decodes photos, within `--max-pixels`.
  var decoder: ImageDecoder { PhotoLimit.decoder(megapixels: self[PhotoLimit.option]) }

  /// Whether progress is shown.
  var showsProgress: Bool { !self[SharedOptions.quiet] }
}
