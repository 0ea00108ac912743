/// A page of the file where it lies in the map, or a sub-page in a node: LMDB's format, read without trusting it.
///
/// docs: `MDB_page` and `MDB_node` in LMDB's mdb.c. A page has a head of 16 bytes (its number, the size of its items, its kind,
/// where the room between the list of nodes and the nodes begins and ends), the places of its nodes, 2 bytes each, and the
/// nodes from its end downwards.
///
/// The functions that take an index may be called when ``FileState`` has verified the page: then every node lies in it.
struct Page {
  /// Bits of ``flags``.
  static let branch = 0x01
  static let leaf = 0x02
  static let overflow = 0x04
  static let meta = 0x08
  static let dirty = 0x10
  /// A leaf that holds items of one size without heads, as the members of a set of duplicates.
  static let fixedLeaf = 0x20
  /// A small set of duplicates inside a node.
  static let subPage = 0x40

  static let headBytes = 16

  /// Invariant: `size` bytes from here are mapped as long as the transaction lasts.
  let start: UnsafeRawPointer
  let size: Int

  func word(_ offset: Int) -> Int {
    assert(offset >= 0 && offset + 2 <= size)
    return Int(start.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  var number: UInt64 { start.loadUnaligned(as: UInt64.self) }
  var itemBytes: Int { word(8) }
  var flags: Int { word(10) }
  var lower: Int { word(12) }
  var upper: Int { word(14) }
  /// How many pages a large value takes.
  var overflowCount: Int { Int(start.loadUnaligned(fromByteOffset: 12, as: UInt32.self)) }

  /// How many nodes or items there are.
  var count: Int { (lower - Self.headBytes) / 2 }

  func nodeOffset(_ index: Int) -> Int { word(Self.headBytes + 2 * index) }

  func node(_ index: Int) -> PageNode {
    assert(index >= 0 && index < count)
    return PageNode(place: start + nodeOffset(index))
  }

  /// The key of a node, or an item of a leaf of items of one size.
  func key(_ index: Int) -> UnsafeRawBufferPointer {
    if flags & Self.fixedLeaf != 0 {
      assert(index >= 0 && Self.headBytes + (index + 1) * itemBytes <= size)
      return UnsafeRawBufferPointer(start: start + Self.headBytes + index * itemBytes, count: itemBytes)
    }
    return node(index).key
  }
}

/// A key with what belongs to it: in a branch the page below, in a leaf a value, or where it is.
struct PageNode {
  /// Bits of ``flags`` in a leaf.
  static let isLarge = 0x01
  static let isTree = 0x02
  static let hasDuplicates = 0x04

  static let headBytes = 8
  /// Bytes of a key at most.
  static let longestKey = 511

  let place: UnsafeRawPointer

  private func word(_ offset: Int) -> Int {
    Int(place.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// In a leaf: bytes of the value, wherever it is.
  var valueBytes: Int { word(0) | word(2) << 16 }
  /// In a leaf.
  var flags: Int { word(4) }
  var keyBytes: Int { word(6) }
  /// In a branch: the page below.
  var child: Int { word(0) | word(2) << 16 | word(4) << 32 }

  var key: UnsafeRawBufferPointer {
    assert(keyBytes <= Self.longestKey, "nodes are read when they are verified")
    return UnsafeRawBufferPointer(start: place + Self.headBytes, count: keyBytes)
  }

  /// The value where it lies in the leaf, or the number of the page where a large one begins.
  var data: UnsafeRawPointer { place + Self.headBytes + keyBytes }

  /// A value that lies in the leaf.
  var value: UnsafeRawBufferPointer {
    assert(flags & Self.isLarge == 0)
    return UnsafeRawBufferPointer(start: data, count: valueBytes)
  }

  /// Where a large value begins; nil for what cannot be a page.
  var largePage: Int? {
    assert(flags & Self.isLarge != 0)
    return Int(exactly: data.loadUnaligned(as: UInt64.self))
  }
}
