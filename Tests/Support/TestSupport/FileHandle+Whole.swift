package import Foundation

extension FileHandle {
  /// All bytes until nobody writes any more, whatever signals come meanwhile; `readDataToEndOfFile` ends the process at one.
  package func readWhole() -> Data {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(fileDescriptor, &buffer, buffer.count)
      if count > 0 { data += buffer[..<count] } else if count == 0 || errno != EINTR { return data }
    }
  }
}
