public import Foundation
internal import GalleryStore
public import GalleryTransfer

extension Gallery {
  /// Writes all embeddings of one moment, with what is known of each, in the order in which they were added; others
  /// may go on writing. The files appear when they are complete and on disk; thumbnails are not in them.
  ///
  /// An array and the file that names its rows belong together by the array's SHA-256. The array is put in place last, so
  /// that at no moment an import takes names of one export for rows of another.
  ///
  /// - Parameters:
  ///   - url: The file; sidecars lie beside it.
  ///   - format: The form of the file.
  ///   - progress: Called with the number of embeddings written and of all.
  /// - Throws: ``GalleryError``: `engineNeeded` before the first face, `diskFull`, `permissionDenied`, ….
  /// - Complexity: O(*n*), in constant memory.
  public func exportEmbeddings(
    to url: URL, format: EmbeddingFormat, progress: ((Int, Int) -> Void)? = nil
  ) throws(GalleryError) -> ExportReport {
    try perform { try EmbeddingExport.write($0.store, to: url, format, progress: progress) }
  }

  /// Adds the embeddings of a file: one that ``exportEmbeddings(to:format:progress:)`` wrote, or one of another
  /// program in one of the forms.
  ///
  /// An embedding that its person has already is skipped, so that an import which was interrupted, or which met a
  /// mistake in the file, is run again. Faces get new numbers. Vectors are scaled to unit length. What is reported as
  /// progress is on disk; the index is not brought up to date, queries see the faces all the same.
  ///
  /// - Parameters:
  ///   - url: The file: `.npy` with a sidecar, `.safetensors` or `.jsonl`.
  ///   - options: Where the sidecar lies, and what a file without a fingerprint means.
  ///   - progress: Called with the number of rows done and of all, when the file tells it.
  /// - Throws: ``GalleryError``: `unreadableFile`, `truncatedFile`, `wrongShape`, `wrongPair` for an array that is not
  ///   the one whose rows are named, `invalidEmbedding`, `invalidName`, all with the ``GalleryError/line`` where that is
  ///   known; `engineMismatch`, `engineNeeded`, `readOnly`, `diskFull`, ….
  /// - Complexity: O(*n*) for the rows of the file and the faces of the gallery; 16 bytes of memory for each of them.
  public func importEmbeddings(
    from url: URL, options: ImportOptions = ImportOptions(), progress: ((Int, Int?) -> Void)? = nil
  ) throws(GalleryError) -> ImportReport {
    try perform { session in
      try EmbeddingImport.read(
        url, into: session.store, of: identity, options, progress: progress
      ) { session.saver.didCommit() }
    }
  }
}
