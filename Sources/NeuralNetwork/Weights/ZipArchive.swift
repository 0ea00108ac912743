import CZip
import Foundation
import Support

/// A zip file that is open for reading.
struct ZipArchive: ~Copyable {
  private let handle: OpaquePointer
  private let name: String

  /// Opens a file.
  init(_ url: URL) throws(WeightsError) {
    name = url.lastPathComponent
    let path = url.path(percentEncoded: false)
    guard InputFile.isReadable(path) else {
      throw WeightsError(.inaccessible, "The weights file \(path) does not exist or cannot be read.")
    }
    var status: Int32 = 0
    guard let handle = zip_open(PathText.system(path), ZIP_RDONLY | ZIP_CHECKCONS, &status) else {
      throw WeightsError(
        .damaged, "\(url.lastPathComponent) is not a zip file, or it is truncated; fetch it again.")
    }
    self.handle = handle
  }

  deinit { zip_discard(handle) }

  /// The bytes of a member, or nil when there is none of that name.
  func contents(of member: String) throws(WeightsError) -> [UInt8]? {
    var status = zip_stat_t()
    guard zip_stat(handle, member, 0, &status) == 0 else { return nil }
    guard status.size < 1 << 32, let file = zip_fopen(handle, member, 0) else {
      throw WeightsError(.damaged, "\(member) in \(name) cannot be read.")
    }
    defer { zip_fclose(file) }
    let size = Int(status.size)
    var read = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while read < size, let base = buffer.baseAddress {
        let count = zip_fread(file, base + read, zip_uint64_t(size - read))
        if count <= 0 { break }
        read += Int(count)
      }
      filled = read
    }
    // Reading to the end makes libzip verify the member's CRC.
    var one: UInt8 = 0
    guard read == size, zip_fread(file, &one, 1) == 0 else {
      throw WeightsError(
        .damaged, "\(member) in \(name) is truncated or its checksum is wrong; fetch it again.")
    }
    return bytes
  }
}
