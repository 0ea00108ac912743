import Foundation
import GalleryStore
import TestSupport

@testable import FaceGallery

/// Where a test's gallery keeps what it holds; what a gallery does is the same in both.
enum Storage: CaseIterable {
  case files, memory
}

extension TemporaryFolder {
  /// Where the test's gallery is.
  var gallery: URL { url.appending(path: "gallery", directoryHint: .isDirectory) }

  var snapshot: URL { gallery.appending(path: "index.snapshot") }

  /// Opens the test's gallery for embeddings.
  func open(_ options: GalleryOptions = GalleryOptions(fingerprint: Samples.fingerprint)) throws -> Gallery {
    try Gallery.open(at: gallery, options: options)
  }

  /// Opens the test's gallery for embeddings, in files or in memory.
  func open(in storage: Storage) throws -> Gallery {
    let options = GalleryOptions(fingerprint: Samples.fingerprint)
    return switch storage {
    case .files: try open(options)
    case .memory: try Gallery(of: InMemoryStore(), at: gallery, options: options)
    }
  }

  /// Opens the test's gallery for ``FakePhoto``s, in files or in memory.
  func openWithEngine(_ engine: FakeEngine = FakeEngine(), in storage: Storage) throws -> Gallery {
    switch storage {
    case .files: try Gallery.open(at: gallery, engine: engine)
    case .memory: try Gallery(of: InMemoryStore(), at: gallery, engine: engine)
    }
  }

  /// Opens the test's gallery for ``FakePhoto``s.
  func openWithEngine(_ options: GalleryOptions = GalleryOptions()) throws -> Gallery {
    try Gallery.open(at: gallery, engine: FakeEngine(), options: options)
  }
}

/// Options of queries by embedding in galleries without an operating point.
func byFace(k: Int = 5, _ plan: QueryOptions.Plan = .automatic) -> QueryOptions {
  QueryOptions(k: k, grouping: .face, threshold: 0.6, plan: plan)
}

func byPerson(k: Int = 5, _ plan: QueryOptions.Plan = .automatic) -> QueryOptions {
  QueryOptions(k: k, grouping: .person, threshold: 0.6, plan: plan)
}
