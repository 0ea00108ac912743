internal import Foundation
internal import Support

extension MappedFile {
  /// Maps a weights file.
  convenience init(weights url: URL) throws(WeightsError) {
    do {
      try self.init(url.path(percentEncoded: false))
    } catch {
      throw WeightsError(.inaccessible, "The weights file \(error.description)")
    }
  }
}
