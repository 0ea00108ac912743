public import Foundation
internal import GalleryStore

/// What was copied from one place to another.
public struct GalleryCopyReport: Sendable, Hashable {
  /// People.
  public let people: Int
  /// Faces, with and without a name.
  public let faces: Int
  /// The last change of what was copied.
  public let sequence: UInt64
}

extension Gallery {
  /// Copies a gallery from a folder to PostgreSQL, or back, with all numbers, times, tags, thumbnails, the change log and what can be undone.
  ///
  /// Nobody can open the copy before everything is there and was compared with the source, which others may read meanwhile. One that was interrupted
  /// goes on when it is called again. Keys and the saved index are no part of it.
  ///
  /// - Parameters:
  ///   - source: A folder, or an address.
  ///   - target: An address where no gallery is, or a folder that is empty or not there; or where a copy of this gallery was begun.
  ///   - progress: Called with whether faces are compared already, the number of faces done, and of all.
  /// - Throws: ``GalleryError``: `invalidArgument` for two folders or two addresses, for a target that is in use, and where something would be lost,
  ///   as an audit log; `damaged`; `unavailable`; ….
  /// - Complexity: O(*n* log *n*).
  public static func copy(
    from source: URL, to target: URL, progress: @escaping (Bool, Int, Int) -> Void = { _, _, _ in }
  ) throws(GalleryError) -> GalleryCopyReport {
    for place in [source, target] { try checkPath(place) }
    return try GalleryError.wrapping(at: Stores.isServer(source) ? target : source) {
      let report = try StoreCopy(progress: progress).run(from: source, to: target)
      return GalleryCopyReport(people: report.people, faces: report.faces, sequence: report.sequence)
    }
  }
}
