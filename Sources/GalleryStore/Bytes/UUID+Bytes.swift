package import Foundation

extension UUID {
  /// The 16 bytes in the order of their text form.
  package var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

  /// - Precondition: There are 16 bytes.
  package init(bytes: [UInt8]) {
    var value = uuid_t(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes) }
    self.init(uuid: value)
  }
}
