import Foundation
internal import Support

/// A file's bytes, mapped into memory for reading.
struct MappedFile {
  let bytes: Data
  let name: String

  init(_ url: URL) throws(WeightsError) {
    name = url.lastPathComponent
    do {
      bytes = try Data(contentsOf: url, options: .alwaysMapped)
    } catch {
      throw WeightsError(.inaccessible, "The weights file \(url.path) does not exist or cannot be read.")
    }
  }

  /// The SHA-256 of everything from an offset on.
  func digest(from offset: Int = 0) -> String {
    bytes.withUnsafeBytes { SHA256.hexadecimal(of: UnsafeRawBufferPointer(rebasing: $0[offset...])) }
  }
}
