internal import CLMDB
internal import Glibc

/// The one `MDB_env` that a process has for a file, shared by every ``Environment`` of that file.
final class EnvironmentCore: @unchecked Sendable {
  let handle: OpaquePointer
  let isReadOnly: Bool
  let gate = TransactionGate()

  /// Databases are opened by one transaction at a time: `mdb_dbi_open` demands it.
  let opening = Monitor(())

  /// Who wants the system to read ahead.
  let readingAhead = Monitor(ReadingAhead())

  /// Opens the environment in an existing folder.
  init(path: String, options: EnvironmentOptions) throws(LMDBError) {
    var created: OpaquePointer?
    try LMDBError.check(mdb_env_create(&created))
    guard let handle = created else { throw .outOfMemory }
    do throws(LMDBError) {
      try LMDBError.check(mdb_env_set_maxdbs(handle, MDB_dbi(options.maximumDatabases)))
      try LMDBError.check(mdb_env_set_maxreaders(handle, UInt32(options.maximumReaders)))
      try LMDBError.check(mdb_env_set_mapsize(handle, options.initialMapSize))
      try Self.open(handle, path: path, readOnly: options.readOnly)
    } catch {
      mdb_env_close(handle)
      throw error
    }
    self.handle = handle
    isReadOnly = options.readOnly
    var dead: Int32 = 0
    mdb_reader_check(handle, &dead)
  }

  /// Opens the environment for reading, by somebody who has seen to it that nobody else uses it.
  init(exclusively path: String) throws(LMDBError) {
    var created: OpaquePointer?
    try LMDBError.check(mdb_env_create(&created))
    guard let handle = created else { throw .outOfMemory }
    let code = mdb_env_open(handle, path, UInt32(MDB_RDONLY | MDB_NOLOCK), 0o644)
    guard code == MDB_SUCCESS else {
      mdb_env_close(handle)
      throw LMDBError(rawValue: code)
    }
    self.handle = handle
    isReadOnly = true
  }

  deinit { mdb_env_close(handle) }

  private static func open(
    _ handle: OpaquePointer, path: String, readOnly: Bool
  ) throws(LMDBError) {
    // Reader slots belong to transactions, not threads, so that one thread may have several. Who wants more read than
    // the pages that are asked for says so.
    var flags = UInt32(MDB_NOTLS | MDB_NORDAHEAD)
    if readOnly { flags |= UInt32(MDB_RDONLY) }
    try LMDBError.check(mdb_env_open(handle, path, flags, 0o644))
  }

  /// Bytes of the memory map.
  var mapSize: Int { gate.holding { info.me_mapsize } }

  /// Bytes of the file in use.
  var usedBytes: Int { gate.holding { (info.me_last_pgno + 1) * pageSize } }

  /// Bytes of a page.
  var pageSize: Int {
    gate.holding {
      var statistics = MDB_stat()
      mdb_env_stat(handle, &statistics)
      return Int(statistics.ms_psize)
    }
  }

  /// Figures that LMDB reads through the map, which nobody may move meanwhile.
  private var info: MDB_envinfo {
    var info = MDB_envinfo()
    mdb_env_info(handle, &info)
    return info
  }

  /// Doubles the memory map, unless another thread has done so since `size` was read.
  func growMap(from size: Int) throws(LMDBError) {
    try gate.alone {
      guard info.me_mapsize == size else { return MDB_SUCCESS }
      forgetMap()
      // A reader that died keeps old pages from being used again: the map may be full for that alone.
      var dead: Int32 = 0
      mdb_reader_check(handle, &dead)
      let (doubled, overflow) = size.multipliedReportingOverflow(by: 2)
      return overflow ? MDB_MAP_FULL : mdb_env_set_mapsize(handle, doubled)
    }
  }

  /// Takes over the size that another process has given the file.
  func followMapSize() throws(LMDBError) {
    try gate.alone {
      forgetMap()
      return mdb_env_set_mapsize(handle, 0)
    }
  }
}
