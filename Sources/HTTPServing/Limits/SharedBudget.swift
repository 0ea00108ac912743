/// An amount of something that owners take from, each at most as much as is left for the others.
///
/// An owner alone gets up to half of it, two get up to a third each, n get 1/(n + 1): whoever comes next always finds
/// something (the dynamic thresholds of Choudhury and Hahne, by which switches share their buffers).
struct SharedBudget: Sendable {
  let capacity: Int
  private(set) var total = 0
  private var parts: [Owner: Int] = [:]

  init(capacity: Int) { self.capacity = max(0, capacity) }

  /// What an owner has.
  func amount(of owner: Owner) -> Int { parts[owner] ?? 0 }

  /// Takes an amount; false when it is more than the owner's part. One who has nothing may take all that is there.
  mutating func take(_ amount: Int, for owner: Owner) -> Bool {
    guard amount > 0 else { return true }
    guard isFree(amount, for: owner) else { return false }
    total += amount
    parts[owner, default: 0] += amount
    return true
  }

  private func isFree(_ amount: Int, for owner: Owner) -> Bool {
    let left = capacity - total
    guard amount <= left else { return false }
    let mine = parts[owner] ?? 0
    return mine == 0 || mine + amount <= left - amount
  }

  /// Gives an amount back.
  mutating func give(_ amount: Int, from owner: Owner) {
    guard amount > 0 else { return }
    total -= amount
    let rest = (parts[owner] ?? 0) - amount
    assert(total >= 0 && rest >= 0, "more is given back than was taken")
    parts[owner] = rest > 0 ? rest : nil
  }
}
