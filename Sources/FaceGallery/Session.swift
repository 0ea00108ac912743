internal import Foundation

/// What an open gallery works with: the store and the index beside it.
final class Session: Sendable {
  let store: Store
  let keeper: IndexKeeper
  /// What killed processes had left in the folder and was removed at opening.
  let clearedLeftovers: [String]

  init(url: URL, options: GalleryOptions) throws {
    store = try Store(at: url, access: options.access)
    keeper = try IndexKeeper(store, folder: url, options: options)
    clearedLeftovers = options.access == .readOnly ? [] : GalleryFolder(url).clearLeftovers()
  }
}
