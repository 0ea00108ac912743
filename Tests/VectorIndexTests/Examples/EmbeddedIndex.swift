// The index in a program of its own; docs/index.md shows this file, and a test runs it.
import VectorIndex

/// Finds the nearest of a few vectors, before and after the index was saved, opened and changed.
func nearestKeys(savingTo path: String) throws -> [[UInt64]] {
  let index = try HNSWIndex(.init(dimension: 4))
  try index.add([1, 0, 0, 0, 0, 1, 0, 0, 0.9, 0.1, 0, 0], keys: [10, 20, 30])
  let result = try index.search([1, 0.05, 0, 0], k: 2)
  print(result.neighbors.map { "\($0.key): \($0.score)" }, "answered by", result.plan)

  try index.save(to: path)
  let opened = try HNSWIndex.open(path)
  try opened.update([0, 0, 1, 0], key: 20)
  try opened.remove(30)
  let later = try opened.search([0, 0, 1, 0], k: 5, options: .init(filter: { $0 < 25 }))
  return [result.neighbors.map(\.key), later.neighbors.map(\.key)]
}
