/// From keys to slots: open addressing with linear probing; keys are compared where they are stored.
struct KeyMap {
  private(set) var table: [UInt32] = Array(repeating: Link.empty, count: 16)
  private(set) var count = 0
  /// False for an opened snapshot until a key is first asked for.
  var isComplete = true

  private func start(_ key: UInt64) -> Int {
    Int(truncatingIfNeeded: SplitMix.mix(key)) & (table.count - 1)
  }

  private func place(of key: UInt64, _ keys: UnsafePointer<UInt64>) -> Int {
    var i = start(key)
    while table[i] != Link.empty && keys[Int(table[i])] != key { i = (i + 1) & (table.count - 1) }
    return i
  }

  func slot(_ key: UInt64, _ keys: UnsafePointer<UInt64>) -> UInt32? {
    let slot = table[place(of: key, keys)]
    return slot == Link.empty ? nil : slot
  }

  mutating func reserve(_ n: Int, _ keys: UnsafePointer<UInt64>) {
    guard n * 3 > table.count * 2 else { return }
    var size = table.count
    while n * 3 > size * 2 { size *= 2 }
    let old = table
    table = Array(repeating: Link.empty, count: size)
    for slot in old where slot != Link.empty { table[place(of: keys[Int(slot)], keys)] = slot }
  }

  /// Maps a key, whose slot must hold it already; an older mapping is replaced.
  mutating func set(_ key: UInt64, _ slot: UInt32, _ keys: UnsafePointer<UInt64>) {
    reserve(count + 1, keys)
    let i = place(of: key, keys)
    if table[i] == Link.empty { count += 1 }
    table[i] = slot
  }

  mutating func remove(_ key: UInt64, _ keys: UnsafePointer<UInt64>) -> UInt32? {
    var hole = place(of: key, keys)
    let slot = table[hole]
    guard slot != Link.empty else { return nil }
    count -= 1
    var i = hole
    while true {
      i = (i + 1) & (table.count - 1)
      guard table[i] != Link.empty else { break }
      let home = start(keys[Int(table[i])])
      // An entry may fill the hole unless its home lies cyclically in (hole, i].
      if (i &- home) & (table.count - 1) >= (i &- hole) & (table.count - 1) {
        table[hole] = table[i]
        hole = i
      }
    }
    table[hole] = Link.empty
    return slot
  }
}
