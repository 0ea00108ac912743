import Foundation
import GalleryStore
import TestSupport

@testable import FaceGallery

/// Where a test's gallery keeps what it holds; what a gallery does is the same in all.
enum Storage: CaseIterable {
  case files, memory, server

  /// Those that can be had here; ``ServerTests`` says by being skipped that there is no server.
  static var allCases: [Storage] {
    PostgresServer.shared == nil ? [.files, .memory] : [.files, .memory, .server]
  }

  /// The address of a gallery of its own on the server that tests share.
  static func address() throws -> URL {
    struct NoServer: Error {}
    guard let server = PostgresServer.shared, let url = try Gallery.address(server.newURL()) else {
      throw NoServer()
    }
    return url
  }
}

extension TemporaryFolder {
  /// Where the test's gallery is.
  var gallery: URL { url.appending(path: "gallery", directoryHint: .isDirectory) }

  var snapshot: URL { gallery.appending(path: "index.snapshot") }

  /// Opens the test's gallery for embeddings.
  func open(_ options: GalleryOptions = GalleryOptions(fingerprint: Samples.fingerprint)) throws -> Gallery {
    try Gallery.open(at: gallery, options: options)
  }

  /// Opens the test's gallery for embeddings, in files, in memory or on a server.
  func open(in storage: Storage) throws -> Gallery {
    let options = GalleryOptions(fingerprint: Samples.fingerprint)
    return switch storage {
    case .files: try open(options)
    case .memory: try Gallery(of: InMemoryStore(), at: gallery, options: options)
    case .server: try Gallery.open(at: Storage.address(), options: options)
    }
  }

  /// Opens the test's gallery for ``FakePhoto``s, in files, in memory or on a server.
  func openWithEngine(_ engine: FakeEngine = FakeEngine(), in storage: Storage) throws -> Gallery {
    switch storage {
    case .files: try Gallery.open(at: gallery, engine: engine)
    case .memory: try Gallery(of: InMemoryStore(), at: gallery, engine: engine)
    case .server: try Gallery.open(at: Storage.address(), engine: engine)
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
