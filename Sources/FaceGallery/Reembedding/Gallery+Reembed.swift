public import Foundation
internal import GalleryStore

extension Gallery {
  /// Goes over to another engine: embeds every face anew from its photo and the landmarks that are stored, then puts
  /// all new embeddings in place in one transaction. People, names, tags and numbers stay.
  ///
  /// New embeddings are collected on disk, so an interrupted run goes on where it was, and the gallery stays what it
  /// was, in use by others with the old engine, until the end. Photos are read where they were, else found in
  /// ``ReembeddingOptions/photos``. Faces whose embedding cannot be made again are reported and stop the change,
  /// unless they are to be dropped.
  ///
  /// - Parameters:
  ///   - url: The gallery's folder, or an address.
  ///   - engine: The new engine.
  ///   - options: Where photos are looked for, and what becomes of faces without one.
  ///   - progress: Called on the calling thread.
  /// - Returns: What came of it. A gallery that is the engine's already is left alone.
  /// - Throws: ``GalleryError``: `notFound`, `inUse` while another process does the same, `diskFull`, ….
  /// - Complexity: O(*n*) embeddings, and the building of the index.
  public static func reembed(
    at url: URL, with engine: any EmbeddingEngine, options: ReembeddingOptions = ReembeddingOptions(),
    progress: ((ReembeddingProgress) -> Void)? = nil
  ) throws(GalleryError) -> ReembeddingReport {
    let gallery = try open(at: url, options: GalleryOptions(access: .existing, decoder: options.decoder))
    let folder = try gallery.perform { try Stores.workFolder(of: url, $0.store.uuid) }
    let report = try gallery.perform { session in
      let stored = try session.store.read { try $0.fingerprint() }
      guard let stored else {
        throw GalleryError(
          .invalidArgument, "The gallery holds no faces yet; the first one decides for its engine.")
      }
      if stored == engine.fingerprint {
        var report = ReembeddingReport()
        report.hadEngine = true
        return report
      }
      var work = try Reembedding(
        session: session, folder: folder, engine: engine, options: options, progress: progress)
      return try work.run()
    }
    guard report.isSwitched else { return report }
    var complete = report
    // Whatever happens from here on, the gallery is the new engine's, and an index that is missing is made anew.
    Stores.removeStage(in: folder)
    if let removals = try? gallery.removals(), !removals.isEmpty {
      complete.warnings.append(
        "Removals before can be undone only with the engine before: they keep its embeddings.")
    }
    do {
      if report.embedded + report.resumed > 0 {
        try gallery.rebuildIndex { done, total in
          progress?(ReembeddingProgress(phase: .indexing, done: done, total: total))
        }
      } else {
        // Nobody is left whom a new index would show, and the old one is of another engine.
        try gallery.perform { $0.saver.didBeginAnew() }
      }
      try gallery.close()
    } catch {
      complete.warnings.append(
        error.code == .indexNotSaved ? error.message : GalleryError(indexNotSaved: error).message)
    }
    return complete
  }
}
