internal import FaceEngine
internal import Foundation
import Glibc
internal import Support
internal import Synchronization

/// Records of one length, found by key, in a file that only grows: what was computed once for a photo.
///
/// A header names what the records are of, so that another engine's are never taken for them. Each record has a
/// checksum: a damaged one counts as absent, and a torn one at the end, left by a kill, is cut off. All methods may be
/// called from any thread; one process at a time has the file open.
final class RecordFile: Sendable {
  /// What a record is found by.
  struct Key: Hashable {
    /// SHA-256 of the photo's bytes.
    let photo: [UInt8]
    /// Which picture made of the photo.
    let variant: UInt64
  }

  private struct State {
    var places: [Key: Int] = [:]
    var records = 0
  }

  let url: URL
  private let file: Int32
  private let payload: Int
  private let state: Mutex<State>

  private static let magic = Array("FGRECS01".utf8)
  private static let headerBytes = 48
  private static let keyBytes = 40
  private static let checksumBytes = 8
  private var recordBytes: Int { Self.keyBytes + payload + Self.checksumBytes }

  /// Opens a file, or makes it.
  ///
  /// - Parameters:
  ///   - identity: What decides the records' meaning.
  ///   - payload: Bytes of a record.
  /// - Throws: ``TrainingError``: `foreignFile` when the file holds something else, `inaccessible` when it cannot be
  ///   read or written, or another process has it open.
  init(_ url: URL, identity: String, payload: Int) throws(TrainingError) {
    self.url = url
    self.payload = payload
    // What is wrong with the folder, opening the file says.
    try? Folder.make(url.deletingLastPathComponent().path(percentEncoded: false))
    file = open(PathText.system(url.path(percentEncoded: false)), O_RDWR | O_CREAT | O_CLOEXEC, FileMode.file)
    guard file >= 0 else {
      throw TrainingError(
        .inaccessible, "\(url.path) cannot be opened for writing: \(String(cString: strerror(errno))).")
    }
    var header = Self.magic + SHA256.digest(of: Array(identity.utf8))
    withUnsafeBytes(of: UInt64(payload).littleEndian) { header += $0 }
    state = Mutex(State())
    do {
      try begin(header)
    } catch {
      close(file)
      throw error
    }
  }

  deinit { close(file) }

  private func begin(_ header: [UInt8]) throws(TrainingError) {
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      throw TrainingError(
        .inaccessible,
        "\(url.path) is in use by another process; wait for it, or name another folder for the cache.")
    }
    let size = Int(lseek(file, 0, SEEK_END))
    if size < Self.headerBytes {
      guard size == 0 || ftruncate(file, 0) == 0, write(header, at: 0) else { throw full() }
      return
    }
    var found = [UInt8](repeating: 0, count: Self.headerBytes)
    guard read(&found, at: 0), found == header else {
      throw TrainingError(
        .foreignFile,
        "\(url.path) is no cache of this engine and these settings: delete it, or name another folder for the cache."
      )
    }
    let records = (size - Self.headerBytes) / recordBytes
    var key = [UInt8](repeating: 0, count: Self.keyBytes)
    var places: [Key: Int] = [:]
    for place in 0..<records where read(&key, at: offset(place)) { places[Self.key(key)] = place }
    // What a kill left of a record would shift all that come after it.
    guard ftruncate(file, off_t(offset(records))) == 0 else { throw full() }
    state.withLock { $0 = State(places: places, records: records) }
  }

  /// Records that can be found.
  var count: Int { state.withLock { $0.places.count } }

  /// Bytes on disk.
  var bytes: Int { Self.headerBytes + state.withLock { $0.records } * recordBytes }

  /// Whether there is a record.
  func contains(_ key: Key) -> Bool { state.withLock { $0.places[key] != nil } }

  /// A record's bytes; nil when there is none or it is damaged, and then it may be written anew.
  func read(_ key: Key) -> [UInt8]? {
    guard let place = state.withLock({ $0.places[key] }) else { return nil }
    var record = [UInt8](repeating: 0, count: recordBytes)
    guard read(&record, at: offset(place)), Self.key(record) == key else { return nil }
    let sum = Self.checksum(record[..<(Self.keyBytes + payload)])
    let kept = record.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: Self.keyBytes + payload, as: UInt64.self).littleEndian
    }
    guard sum == kept else {
      state.withLock { $0.places[key] = nil }
      return nil
    }
    return Array(record[Self.keyBytes..<Self.keyBytes + payload])
  }

  /// Adds records at the end.
  ///
  /// - Throws: ``TrainingError`` with code `inaccessible` when the disk is full; what was there before stays.
  func append(_ records: [(key: Key, payload: [UInt8])]) throws(TrainingError) {
    guard !records.isEmpty else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(records.count * recordBytes)
    for record in records {
      precondition(record.payload.count == payload && record.key.photo.count == 32)
      let start = bytes.count
      bytes += record.key.photo
      withUnsafeBytes(of: record.key.variant.littleEndian) { bytes += $0 }
      bytes += record.payload
      let sum = Self.checksum(bytes[start...])
      withUnsafeBytes(of: sum.littleEndian) { bytes += $0 }
    }
    let written = state.withLock { state in
      guard write(bytes, at: offset(state.records)) else {
        // A part of a record is cut off at once; failing that, at the next opening.
        _ = ftruncate(file, off_t(offset(state.records)))
        return false
      }
      for record in records {
        state.places[record.key] = state.records
        state.records += 1
      }
      return true
    }
    if !written { throw full() }
  }

  private func full() -> TrainingError {
    TrainingError(
      .inaccessible,
      "\(url.path) cannot be written (\(String(cString: strerror(errno)))); what it holds stays: free space and run the "
        + "same command again.")
  }

  private func offset(_ place: Int) -> Int { Self.headerBytes + place * recordBytes }

  private func write(_ bytes: [UInt8], at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(file, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private func read(_ bytes: inout [UInt8], at offset: Int) -> Bool {
    var done = 0
    let wanted = bytes.count
    while done < wanted {
      let count = bytes.withUnsafeMutableBytes {
        pread(file, $0.baseAddress.map { $0 + done }, wanted - done, off_t(offset + done))
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  private static func key(_ bytes: [UInt8]) -> Key {
    let variant = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 32, as: UInt64.self).littleEndian }
    return Key(photo: Array(bytes[..<32]), variant: variant)
  }

  /// A hash of 64 bits that depends on every byte and its place.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { bytes in
      var sum: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
      var offset = 0
      while offset + 8 <= bytes.count {
        sum =
          (sum ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
          &* 0xBF58_476D_1CE4_E5B9
        sum ^= sum >> 29
        offset += 8
      }
      while offset < bytes.count {
        sum = (sum ^ UInt64(bytes[offset])) &* 0xBF58_476D_1CE4_E5B9
        sum ^= sum >> 29
        offset += 1
      }
      return sum
    }
  }
}
