internal import CLMDB
internal import Glibc

/// A return code of LMDB, or the system's error number that LMDB passed on.
public struct LMDBError: RawRepresentable, Error, Sendable, Hashable, CustomStringConvertible {
  /// The code as C sees it: negative for LMDB's own codes, positive for `errno`.
  public let rawValue: Int32

  /// The error with a code of C.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The key is there already (`MDB_KEYEXIST`).
  public static let keyExists = LMDBError(rawValue: MDB_KEYEXIST)
  /// The key or the database is not there (`MDB_NOTFOUND`).
  public static let notFound = LMDBError(rawValue: MDB_NOTFOUND)
  /// A page that must be there is not: the file is damaged (`MDB_PAGE_NOTFOUND`).
  public static let pageNotFound = LMDBError(rawValue: MDB_PAGE_NOTFOUND)
  /// A page of the wrong kind, or a file shorter than it must be (`MDB_CORRUPTED`).
  public static let corrupted = LMDBError(rawValue: MDB_CORRUPTED)
  /// A failed write of the file's head: the environment must be opened anew (`MDB_PANIC`).
  public static let panic = LMDBError(rawValue: MDB_PANIC)
  /// The file is of another version of LMDB (`MDB_VERSION_MISMATCH`).
  public static let versionMismatch = LMDBError(rawValue: MDB_VERSION_MISMATCH)
  /// The file is not one of LMDB's (`MDB_INVALID`).
  public static let invalid = LMDBError(rawValue: MDB_INVALID)
  /// The memory map is full (`MDB_MAP_FULL`); environments grow it by themselves.
  public static let mapFull = LMDBError(rawValue: MDB_MAP_FULL)
  /// More databases than the environment was opened for (`MDB_DBS_FULL`).
  public static let databasesFull = LMDBError(rawValue: MDB_DBS_FULL)
  /// More read transactions at a time than there are reader slots (`MDB_READERS_FULL`).
  public static let readersFull = LMDBError(rawValue: MDB_READERS_FULL)
  /// The transaction has too many changed pages (`MDB_TXN_FULL`).
  public static let transactionFull = LMDBError(rawValue: MDB_TXN_FULL)
  /// Another process has grown the file beyond the map (`MDB_MAP_RESIZED`); environments follow by themselves.
  public static let mapResized = LMDBError(rawValue: MDB_MAP_RESIZED)
  /// The database is of another kind than it is used as (`MDB_INCOMPATIBLE`).
  public static let incompatible = LMDBError(rawValue: MDB_INCOMPATIBLE)
  /// The transaction cannot go on after an earlier error (`MDB_BAD_TXN`).
  public static let badTransaction = LMDBError(rawValue: MDB_BAD_TXN)
  /// A key that is empty or longer than 511 bytes, or a value of the wrong size (`MDB_BAD_VALSIZE`).
  public static let badValueSize = LMDBError(rawValue: MDB_BAD_VALSIZE)

  /// There is no such file or folder (`ENOENT`).
  public static let noSuchFile = LMDBError(rawValue: ENOENT)
  /// What lies above it in its path is a file (`ENOTDIR`).
  public static let notADirectory = LMDBError(rawValue: ENOTDIR)
  /// The file's permissions forbid it (`EACCES`).
  public static let permissionDenied = LMDBError(rawValue: EACCES)
  /// The file system is mounted read-only (`EROFS`).
  public static let readOnlyFileSystem = LMDBError(rawValue: EROFS)
  /// The disk is full (`ENOSPC`).
  public static let noSpace = LMDBError(rawValue: ENOSPC)
  /// The user's share of the disk is used up (`EDQUOT`).
  public static let quotaExceeded = LMDBError(rawValue: EDQUOT)
  /// The file would exceed the greatest size allowed (`EFBIG`).
  public static let fileTooLarge = LMDBError(rawValue: EFBIG)
  /// The disk failed (`EIO`).
  public static let inputOutput = LMDBError(rawValue: EIO)
  /// Not enough memory or address space (`ENOMEM`).
  public static let outOfMemory = LMDBError(rawValue: ENOMEM)
  /// Open in this process in a way that excludes this one (`EBUSY`).
  public static let busy = LMDBError(rawValue: EBUSY)
  /// Somebody has the environment open (`EAGAIN`, as from a lock that another process holds).
  public static let inUse = LMDBError(rawValue: EAGAIN)
  /// The thread would wait for itself (`EDEADLK`).
  public static let deadlock = LMDBError(rawValue: EDEADLK)
  /// The file has no bytes: what it held is lost (`ENODATA`).
  public static let emptied = LMDBError(rawValue: ENODATA)
  /// The file system gives no locks, or has none left (`ENOLCK`).
  public static let noLocks = LMDBError(rawValue: ENOLCK)
  /// The file is not in its place any more: moved, deleted or replaced while it was open (`ESTALE`).
  public static let replaced = LMDBError(rawValue: ESTALE)
  /// A write was asked of what was opened for reading (`EACCES` from LMDB; `EBADF` here, to tell them apart).
  public static let notWritable = LMDBError(rawValue: EBADF)

  /// One sentence that says what happened, and the remedy where one is known.
  public var description: String {
    switch self {
    case .corrupted, .pageNotFound:
      "The database file is damaged; restore it from a backup."
    case .panic:
      "An earlier write of the database failed; close it and open it again."
    case .inputOutput:
      "The disk failed to read or write the database (input/output error); look at the system's log and at the disk, "
        + "then try again."
    case .versionMismatch:
      "The database file was written by another version of LMDB; open it with that version and copy it."
    case .invalid:
      "The file is not an LMDB database, or its head is damaged; check the path or restore a backup."
    case .mapFull:
      "The database has outgrown its memory map, and the map cannot grow while the same thread reads."
    case .readersFull:
      "Too many transactions read the database at the same time; end some of them."
    case .badValueSize:
      "A key must have 1 to 511 bytes, and so must a value in a database of sorted duplicates."
    case .noSuchFile:
      "The database does not exist; check the path."
    case .permissionDenied:
      "The database's files cannot be opened: permission denied; change their permissions."
    case .readOnlyFileSystem:
      "The database lies on a read-only file system; open it for reading only, or mount that for writing."
    case .noSpace, .quotaExceeded:
      "There is no space left on the database's disk; make room and try again."
    case .fileTooLarge:
      "The database file may not grow further by the limits of this process or file system; raise them."
    case .busy:
      "This process has the database open for reading only; close that first."
    case .inUse:
      "The database is in use by another process."
    case .replaced:
      "The database's file is not in its place any more: it was moved, deleted or replaced while it was open; end this "
        + "program and start it again, and move or replace the file only while nobody has it open."
    case .emptied:
      "The database file is empty: what it held is lost; restore it from a backup."
    case .noLocks, LMDBError(rawValue: EOPNOTSUPP), LMDBError(rawValue: ENOSYS):
      "The file system gives no locks, which keep programs from writing over each other; put the database on a local disk."
    case .deadlock:
      "A write transaction was begun inside another one of the same thread; use the one that is open."
    case .notWritable:
      "The database was opened for reading only, or lies on a read-only file system; open it for writing."
    default:
      "The database failed: \(String(cString: mdb_strerror(rawValue))) (code \(rawValue)); look at the system's "
        + "log, then open it again."
    }
  }
}

extension LMDBError {
  /// Throws unless a call of LMDB succeeded.
  @inline(__always)
  static func check(_ code: Int32) throws(LMDBError) {
    if code != MDB_SUCCESS { throw LMDBError(rawValue: code) }
  }
}
