public import Foundation
public import GalleryStore
internal import Support

extension Gallery {
  /// Adds a folder of photos: the folder that holds a photo is its person, and of a photo in the folder itself the file's
  /// name is: `Ada_Lovelace_0001.jpg` is a photo of Ada Lovelace.
  ///
  /// A folder that is a date lies within its person's: `Ada Lovelace/2024-05/1.jpg` shows Ada Lovelace. File names lose their
  /// extension and a number at their end (`_0001`, `-1`, ` (1)`), and underscores become spaces. Photos whose path has no
  /// name that can be a person's, such as `DCIM/IMG_1001.jpg`, are refused; see ``EnrolmentOptions/takesAnyName``.
  /// Files with the extensions of photos (`ImageDecoder.fileExtensions`) are read; what is passed over is in the report. Each folder
  /// is visited once, whatever links lead to it.
  ///
  /// Photos whose faces are there are skipped, so an interrupted run is resumed by starting it again. A photo
  /// that cannot be used is reported and does not end the run. All cores decode and embed; memory is bounded.
  ///
  /// - Parameters:
  ///   - folder: The folder of photos.
  ///   - options: How faces are looked for, chosen and judged.
  ///   - progress: Called on the calling thread after photos are finished, and on disk where they were added.
  /// - Throws: ``GalleryError`` when the folder cannot be read or the gallery is in trouble; what was reported
  ///   until then is on disk.
  public func fitDataset(
    at folder: URL, options: EnrolmentOptions = EnrolmentOptions(severalFaces: .largest),
    progress: ((FitProgress) -> Void)? = nil
  ) throws(GalleryError) -> FitReport {
    let dataset = try DatasetFolder(folder, anyName: options.takesAnyName)
    let report = try add(dataset.photos, options: options, progress: progress)
    return FitReport(photos: report.photos, omissions: dataset.omissions)
  }

  /// Adds photos with several threads; otherwise as the method for a folder does.
  ///
  /// - Parameters:
  ///   - photos: The photos with the names of their people; faces are numbered in this order.
  ///   - options: How faces are looked for, chosen and judged.
  ///   - progress: Called on the calling thread after photos are finished, and on disk where they were added.
  /// - Throws: ``GalleryError`` when the gallery is in trouble; what was reported until then is on disk.
  public func add(
    _ photos: [NamedPhoto], options: EnrolmentOptions = EnrolmentOptions(),
    progress: ((FitProgress) -> Void)? = nil
  ) throws(GalleryError) -> FitReport {
    let engine = try requireEngine()
    let preparation = Preparation(gallery: self, options: options)
    // One thread more than the engine runs: it decodes while the others compute.
    let threads = min(ProcessInfo.processInfo.activeProcessorCount, engine.concurrency) + 1
    let groups = photos.guidedGroups(ofAtMost: engine.preferredBatchSize, threads: threads)
    let pipeline = OrderedPipeline(count: groups.count, window: 8 * threads) { index in
      Result { () throws -> [Preparation.Outcome] in try preparation.prepare(groups[index]) }
    }
    return try GalleryError.wrapping {
      var reports: [PhotoReport] = []
      try pipeline.run(
        threads: threads, maximumBatch: max(1, Self.photosPerCommit / engine.preferredBatchSize)
      ) {
        batch in
        let latest = try finish(batch.flatMap { try $0.get() })
        reports += latest
        progress?(FitProgress(done: reports.count, total: photos.count, latest: latest))
      }
      return FitReport(photos: reports)
    }
  }

  /// A commit waits for the disk; what a killed run has not committed is done again.
  private static var photosPerCommit: Int { 8 }
}
