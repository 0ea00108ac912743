internal import CVectorIndex
internal import VectorIndex

/// Why a call of the C interface ends: a status and one sentence.
struct Failure: Error {
  let status: vi_status
  let message: String

  init(_ status: Int, _ message: String) {
    self.status = vi_status(status)
    self.message = message
  }

  /// What the index says, under the number that C knows it by.
  init(_ error: IndexError) {
    let status =
      switch error {
      case .invalidParameter, .wrongDimension, .wrongKeyCount: VI_INVALID_ARGUMENT
      case .notFinite: VI_NOT_FINITE
      case .zeroVector: VI_ZERO_VECTOR
      case .lengthOutOfRange: VI_LENGTH_OUT_OF_RANGE
      case .duplicateKey: VI_DUPLICATE_KEY
      case .unknownKey: VI_UNKNOWN_KEY
      case .full: VI_FULL
      case .calledFromCallback: VI_CALLED_FROM_CALLBACK
      case .searchesUnderWay: VI_BUSY
      case .outOfMemory: VI_OUT_OF_MEMORY
      case .file: VI_FILE
      case .notASnapshot: VI_NOT_A_SNAPSHOT
      case .damaged: VI_DAMAGED
      case .incompatible: VI_INCOMPATIBLE
      case .brokenInvariant: VI_BROKEN
      }
    self.init(status, error.description)
  }

  /// A parameter that is not what the header asks for.
  static func argument(_ name: String, _ what: String) -> Failure {
    Failure(VI_INVALID_ARGUMENT, "The parameter \(name) \(what).")
  }
}

/// Runs the body of an exported function and reports how it ended, where the caller gives room for that.
func reported(
  _ room: UnsafeMutablePointer<vi_error>?, _ body: () throws(Failure) -> Void
) -> vi_status {
  do throws(Failure) {
    try body()
    report(vi_status(VI_OK), "", in: room)
    return vi_status(VI_OK)
  } catch {
    report(error.status, error.message, in: room)
    return error.status
  }
}

/// Writes a status and a message, cut off between two characters if it is too long.
private func report(_ status: vi_status, _ message: String, in error: UnsafeMutablePointer<vi_error>?) {
  guard let error else { return }
  error.pointee.status = status
  withUnsafeMutableBytes(of: &error.pointee.message) { room in
    var end = 0
    for scalar in message.unicodeScalars {
      let bytes = Unicode.UTF8.width(scalar)
      guard end + bytes < room.count else { break }
      for byte in String(scalar).utf8 {
        room[end] = byte
        end += 1
      }
    }
    room[end] = 0
  }
}

/// Runs what the index may refuse.
func asking<R>(_ body: () throws(IndexError) -> R) throws(Failure) -> R {
  do throws(IndexError) { return try body() } catch { throw Failure(error) }
}
