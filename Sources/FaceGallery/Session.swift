internal import Foundation
internal import GalleryStore
internal import Synchronization

/// What an open gallery works with: the store, the index beside it, and what queries remember of both.
final class Session: Sendable {
  let store: any Store
  let keeper: IndexKeeper
  let saver: IndexSaver
  let persons: PersonMap
  let filters = FilterCache()
  /// What killed processes had left in the folder and was removed at opening.
  let clearedLeftovers: [String]

  private let planCounts = Mutex<[String: Int]>([:])

  init(
    _ store: any Store, at place: URL, options: GalleryOptions,
    warn: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.store = store
    let folder = Stores.isServer(place) ? nil : place
    keeper = IndexKeeper(store, folder: folder)
    saver = IndexSaver(keeper, options: options, warn: warn)
    let (sequence, history) = try store.read { (try $0.counters().sequence, try $0.history()) }
    persons = PersonMap(store, from: sequence, of: history)
    clearedLeftovers =
      options.access == .readOnly ? [] : folder.map { GalleryFolder($0).clearLeftovers() } ?? []
  }

  /// Counts a query by the way it went.
  func count(_ plan: String) { planCounts.withLock { $0[plan, default: 0] += 1 } }

  /// Queries answered by this process, by the way they went.
  var queriesByPlan: [String: Int] { planCounts.withLock { $0 } }
}
